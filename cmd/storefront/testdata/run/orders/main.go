// Command orders is the program of the app in the tests of the runner: a service, a worker, and the tasks of a schedule and a
// migration.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	version  = "one"
	migrates = 0
	warms    = 0
)

func main() {
	fmt.Println(os.Args[1], version, os.Getenv("SCHEDULED_TIME"))
	switch os.Args[1] {
	case "serve":
		http.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
			relayed := ""
			if r.URL.Query().Has("relay") {
				relayed = relay(r.URL.RawQuery)
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"version": version, "arguments": []string{relayed}})
		})
		server := &http.Server{Addr: os.Getenv("HOST") + ":8080", ReadHeaderTimeout: time.Second}
		fmt.Fprintln(os.Stderr, server.ListenAndServe())
		os.Exit(1)
	case "invoice":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "migrate":
		os.Exit(migrates)
	case "warm":
		time.Sleep(300 * time.Millisecond)
		fmt.Println("warmed")
		os.Exit(warms)
	}
}

// relay asks the container beside this one.
func relay(query string) string {
	response, err := http.Get(os.Getenv("RELAY_URL") + "?" + query)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}
