package command

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunWithoutAnAssembly(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	var out, problems strings.Builder
	err := runPreflight(t.Context(), t.TempDir(), false, &out, &problems)
	if !errors.Is(err, failure(statusUsage)) || out.Len() != 0 || !strings.HasPrefix(problems.String(), "preflight: read cloud assembly: ") {
		t.Errorf("got %v, %q, %q", err, out.String(), problems.String())
	}
}

// Only on a machine with a CA bundle of its own does the configuration bring a client.
func TestPreflightAsksTheAccount(t *testing.T) {
	var asked []string
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.FormValue("Action"))
		http.Error(w, `<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>`, http.StatusForbidden)
	}))
	defer account.Close()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": account.URL, "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts": {"a": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "a.json"}}}}`,
		"a.json":        `{"Resources": {}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, problems strings.Builder
	err := runPreflight(t.Context(), dir, false, &out, &problems)
	if !errors.Is(err, failure(statusUsage)) || !strings.Contains(problems.String(), "preflight: get the account of the AWS credentials: ") {
		t.Errorf("got %v, %q, %q", err, out.String(), problems.String())
	}
	if strings.Join(asked, " ") != "GetCallerIdentity" {
		t.Errorf("AWS was asked for %q", asked)
	}
}
