package command

import (
	"net/http"
	"testing"
)

// A path may have the quote of a shell.
func TestCommandIsQuoted(t *testing.T) {
	got := command("curl", reportRoute{Method: http.MethodPost, URL: "https://127.0.0.1:4566/it's", Service: "menu"})
	if want := `curl -X POST 'https://127.0.0.1:4566/it'\''s'   # menu`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
