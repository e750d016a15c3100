package traffic

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// token returns a valid token and its key.
func token(t *testing.T) (string, *rsa.PublicKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := join(map[string]any{"alg": "RS256", "kid": "1"}, map[string]any{"sub": "me", "aud": "client"})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), &key.PublicKey
}

func verifies(key *rsa.PublicKey, token string) bool {
	signed, signature, _ := strings.Cut(token[strings.Index(token, ".")+1:], ".")
	text := token[:strings.Index(token, ".")+1] + signed
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

// Each forgery has only one defect, or a 401 would prove nothing about it.
func TestForgeries(t *testing.T) {
	good, key := token(t)
	if !verifies(key, good) {
		t.Fatal("the good token does not verify")
	}
	forged, err := forgeries(good)
	if err != nil {
		t.Fatal(err)
	}
	if len(forged) != 4 {
		t.Errorf("got %d forgeries, want 4", len(forged))
	}
	for what, bad := range forged {
		header, claims, signature, err := split(bad)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if verifies(key, bad) {
			t.Errorf("%s: verifies", what)
		}
		if header["kid"] != "1" || claims["aud"] != "client" {
			t.Errorf("%s: got header %v and claims %v, want them as they were", what, header, claims)
		}
		if unsigned := signature == ""; unsigned != (header["alg"] == "none") {
			t.Errorf("%s: got algorithm %v, unsigned %t", what, header["alg"], unsigned)
		}
		if another := claims["sub"] != "me"; another != strings.Contains(what, "another user") {
			t.Errorf("%s: got the user %v", what, claims["sub"])
		}
	}
}

func TestTokensThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":          "want a token of three parts, got 1",
		"a.b":       "want a token of three parts, got 2",
		"e30.e30.x": "want a token with the claim sub, got map[]",
		"!.e30.x":   "part 1 of a token: illegal base64 data at input byte 0",
		"e30.bm8.x": "part 2 of a token: invalid character 'o' in literal null (expecting 'u')",
	} {
		if got, err := subject(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %q, error %v, want %s", text, got, err, want)
		}
	}
	if _, err := forgeries("x"); err == nil {
		t.Error("forgeries of no token: got no error")
	}
}
