package finding

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Docs is the address of the pages of documentation, which the repository of an app does not have.
const Docs = "https://github.com/storefront-cdk/storefront/blob/main/docs/"

// Failed returns the finding of a check whose action, such as iam:GetRole, failed.
func Failed(check, action string, err error) Finding {
	f := Finding{Check: check, Status: Unknown}
	var api smithy.APIError
	var unsent *smithyhttp.RequestSendError
	var response *awshttp.ResponseError
	switch {
	case denied(err):
		f.Detail = action + " was denied"
		f.Fix = "allow " + action + ": see\n" + Docs + "first-deployment.md#permissions"
	case errors.As(err, &response) && errors.As(err, &api) && api.ErrorCode() == "UnknownError": // an endpoint that lacks the API
		f.Detail = fmt.Sprintf("%s: HTTP status %d", action, response.HTTPStatusCode())
	case errors.As(err, &api):
		f.Detail = fmt.Sprintf("%s: %s", action, strings.TrimSuffix(Brief(api.ErrorCode()+": "+api.ErrorMessage()), ": "))
	case errors.As(err, &unsent): // without what the SDK puts around it
		f.Detail = fmt.Sprintf("%s: %s", action, Brief(unsent.Err.Error()))
	default:
		f.Detail = fmt.Sprintf("%s: %s", action, Brief(err.Error()))
	}
	return f
}

// denied reports whether the credentials may not call an action.
func denied(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "UnauthorizedAccess":
			return true
		}
	}
	var response *awshttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() == http.StatusForbidden
}

// Brief is a text in one line of at most 200 characters.
func Brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + " …"
	}
	return text
}
