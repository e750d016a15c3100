package scopes

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRefundsRequireAGroup(t *testing.T) {
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
	}
	for authorization, want := range map[string]int{
		"Bearer " + token(`{"sub":"1","cognito:groups":["support"]}`):      http.StatusNoContent,
		token(`{"sub":"1","cognito:groups":["editors","support"]}`):        http.StatusNoContent,
		"Bearer " + token(`{"sub":"1","cognito:groups":["supporters"]}`):   http.StatusForbidden,
		"Bearer " + token(`{"sub":"1","cognito:groups":"support"}`):        http.StatusForbidden,
		"Bearer " + token(`{"sub":"1"}`):                                   http.StatusForbidden,
		"Bearer e30." + `{"cognito:groups":["support"]}` + ".c2lnbmF0dXJl": http.StatusForbidden,
		"Bearer " + `{"cognito:groups":["support"]}`:                       http.StatusForbidden,
		"": http.StatusForbidden,
	} {
		request := httptest.NewRequest(http.MethodPost, "/orders/1/refund", nil)
		request.Header.Set("Authorization", authorization)
		response := httptest.NewRecorder()
		refund(response, request)
		if response.Code != want {
			t.Errorf("%q gets %d, want %d", authorization, response.Code, want)
		}
	}
}
