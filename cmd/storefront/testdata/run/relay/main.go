// Command relay is the program of a container beside the application in the tests of the runner: it responds with a variable, and
// ends when it is asked to.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("exit") {
			os.Exit(3)
		}
		_, _ = fmt.Fprint(w, "relayed with ", os.Getenv("GREETING"))
	})
	server := &http.Server{Addr: os.Getenv("HOST") + ":9000", ReadHeaderTimeout: time.Second}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
