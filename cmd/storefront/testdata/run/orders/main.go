// Command orders is the program of the app in the tests of the runner: a service, a worker, and the tasks of a schedule and a
// migration.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const version = "one"

func main() {
	fmt.Println(os.Args[1], version, os.Getenv("SCHEDULED_TIME"))
	switch os.Args[1] {
	case "serve":
		http.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]string{"version": version})
		})
		server := &http.Server{Addr: os.Getenv("HOST") + ":8080", ReadHeaderTimeout: time.Second}
		fmt.Fprintln(os.Stderr, server.ListenAndServe())
		os.Exit(1)
	case "invoice":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "migrate":
		os.Exit(0)
	}
}
