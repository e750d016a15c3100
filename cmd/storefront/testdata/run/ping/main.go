// Command ping is the program of a service in the tests of the runner: it responds with its version and its environment, and ends
// when it is asked to.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const version = "one"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("exit") {
			os.Exit(3)
		}
		variables := map[string]string{}
		for _, entry := range os.Environ() {
			name, value, _ := strings.Cut(entry, "=")
			variables[name] = value
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"version": version, "arguments": os.Args[1:], "variables": variables})
	})
	server := &http.Server{Addr: os.Getenv("HOST") + ":8080", Handler: mux, ReadHeaderTimeout: time.Second}
	go func() {
		<-ctx.Done()
		fmt.Println("draining")
		_ = server.Shutdown(context.Background())
	}()
	fmt.Println("listening on", server.Addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
