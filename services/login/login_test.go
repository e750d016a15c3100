package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/login/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

const password, code = "Correct-Horse-7", "123456" // the code that the emulator sends to everybody

func init() { awstest.Auth = true } // for the codes

// shop is a running service, its user pool, and a queue to which its bus sends everything.
type shop struct {
	*awstest.Client
	t             *testing.T
	pool          *cognito.Client
	poolID, queue string
	sqs           *sqs.Client
}

func start(t *testing.T) shop {
	stack, identity := awstest.Deploy(t, "Login"), awstest.Deploy(t, "Identity")
	s := shop{t: t, pool: cognito.NewFromConfig(stack.AWS), sqs: sqs.NewFromConfig(stack.AWS), poolID: identity.One("AWS::Cognito::UserPool")}
	name := strings.ReplaceAll(s.poolID, "_", "-")
	bus := eventbridge.NewFromConfig(stack.AWS)
	queue, err := s.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`,
	}})
	must(t, err)
	s.queue = *queue.QueueUrl
	_, err = bus.CreateEventBus(t.Context(), &eventbridge.CreateEventBusInput{Name: &name})
	must(t, err)
	_, err = bus.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventBusName: &name, EventPattern: aws.String(`{"source":["storefront.login"]}`)})
	must(t, err)
	_, err = bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
		Rule: &name, EventBusName: &name,
		Targets: []types.Target{{Id: aws.String("all"), Arn: aws.String("arn:aws:sqs:us-east-2:000000000000:" + name)}},
	})
	must(t, err)
	s.Client = awstest.Start(t, stack, map[string]string{
		"USER_POOL_ID": s.poolID, "USER_POOL_CLIENT_ID": identity.One("AWS::Cognito::UserPoolClient"), "EVENT_BUS_NAME": name,
	}, spec, run)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// published returns the users whose registration has been published since the last call.
func (s shop) published() []events.User {
	s.t.Helper()
	var users []events.User
	got, err := s.sqs.ReceiveMessage(s.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &s.queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
	must(s.t, err)
	for _, m := range got.Messages {
		message, err := event.Parse([]byte(*m.Body))
		must(s.t, err)
		var user events.User
		must(s.t, json.Unmarshal(message.Detail, &user))
		users = append(users, user)
		_, err = s.sqs.DeleteMessage(s.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &s.queue, ReceiptHandle: m.ReceiptHandle})
		must(s.t, err)
	}
	return users
}

type object = map[string]string

func (s shop) register(email string) (session api.SessionJSONResponse, userID string) {
	s.t.Helper()
	s.Post("/login/signup", object{"email": email}).Expect(http.StatusAccepted, nil)
	s.Post("/login/confirm", object{"email": email, "code": code, "password": password, "name": "Ada"}).Expect(http.StatusOK, &session)
	userID, err := subject(session.IDToken)
	must(s.t, err)
	return session, userID
}

func TestAUserSignsUpAndInAndOut(t *testing.T) {
	s := start(t)
	session, userID := s.register("Ada@Example.com")
	if session.AccessToken == "" || session.RefreshToken == "" || session.ExpiresIn != 3600 {
		t.Errorf("got %+v", session)
	}
	var profile, changed api.ProfileJSONResponse
	s.As(userID).Get("/login/me").Expect(http.StatusOK, &profile)
	if profile.Email != "ada@example.com" || profile.Name != "Ada" || profile.UserID != userID || time.Since(profile.RegisteredAt) > time.Minute {
		t.Errorf("got %+v", profile)
	}
	s.As(userID).Put("/login/me", object{"name": "Ada L."}).Expect(http.StatusOK, &changed)
	if changed.Name != "Ada L." || !changed.RegisteredAt.Equal(profile.RegisteredAt) {
		t.Errorf("got %+v", changed)
	}
	if diff := cmp.Diff([]events.User{{UserID: userID, RegisteredAt: profile.RegisteredAt}}, s.published()); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}

	var in, refreshed api.SessionJSONResponse
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).Expect(http.StatusOK, &in)
	if again, _ := subject(in.IDToken); again != userID {
		t.Errorf("signed in as %s, want %s", again, userID)
	}
	if users := s.published(); len(users) > 0 {
		t.Errorf("a second sign-in is published: %v", users)
	}
	s.Post("/login/refresh", object{"refreshToken": in.RefreshToken}).Expect(http.StatusOK, &refreshed)
	if refreshed.RefreshToken != in.RefreshToken || refreshed.IDToken == "" {
		t.Errorf("got %+v", refreshed)
	}
	s.Post("/login/signout", object{"refreshToken": in.RefreshToken}).Expect(http.StatusNoContent, nil)
	s.Post("/login/signout", object{"refreshToken": "never one"}).Expect(http.StatusNoContent, nil)
	s.Post("/login/refresh", object{"refreshToken": in.RefreshToken}).ExpectProblem(http.StatusUnauthorized, "sign in again")
	s.Post("/login/refresh", object{"refreshToken": session.RefreshToken}).Expect(http.StatusOK, nil) // another session goes on

	s.Get("/login/me").ExpectProblem(http.StatusUnauthorized, "sign in first")
	s.As("00000000-0000-0000-0000-000000000000").Get("/login/me").ExpectProblem(http.StatusUnauthorized, "does not exist any more")
}

// Whoever asks with an address gets the same response, whether it is registered, half registered or not at all.
func TestNoAnswerTellsWhetherAnAddressIsRegistered(t *testing.T) {
	s := start(t)
	s.register("registered@example.com")
	s.Post("/login/signup", object{"email": "half@example.com"}).Expect(http.StatusAccepted, nil)
	for path, body := range map[string]object{
		"/login/signup":  {},
		"/login/signin":  {"password": "Wrong-Horse-77"},
		"/login/forgot":  {},
		"/login/confirm": {"password": "no digit or symbol", "code": code},
	} {
		answers := map[string]bool{}
		for _, email := range []string{"registered@example.com", "half@example.com", "nobody@example.com"} {
			body["email"] = email
			got := s.Post(path, body)
			answers[fmt.Sprint(got.Status, string(got.Body))] = true
		}
		if len(answers) != 1 {
			t.Errorf("%s answers differently: %v", path, answers)
		}
	}
}

// The password that counts is that of the person who has the code, whoever signed up first.
func TestWhoCannotReadTheEmailChoosesNoPassword(t *testing.T) {
	s := start(t)
	for range 2 { // somebody else, and the owner
		s.Post("/login/signup", object{"email": "ada@example.com"}).Expect(http.StatusAccepted, nil)
	}
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).ExpectProblem(http.StatusUnauthorized, "is wrong, or the address is not confirmed")
	s.Post("/login/confirm", object{"email": "ada@example.com", "code": "999999", "password": password}).ExpectProblem(http.StatusBadRequest, "the code is wrong")
	s.Post("/login/confirm", object{"email": "ada@example.com", "code": code, "password": password}).Expect(http.StatusOK, nil)
	s.Post("/login/confirm", object{"email": "ada@example.com", "code": code, "password": "Another-Horse-8"}).ExpectProblem(http.StatusBadRequest, "the code is wrong")
	s.Post("/login/signin", object{"email": "ada@example.com", "password": "Another-Horse-8"}).ExpectProblem(http.StatusUnauthorized, "is wrong")
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).Expect(http.StatusOK, nil)
}

func TestAForgottenPasswordIsResetAndEndsAllSessions(t *testing.T) {
	s := start(t)
	session, _ := s.register("ada@example.com")
	s.Post("/login/forgot", object{"email": "ada@example.com"}).Expect(http.StatusAccepted, nil)
	reset := object{"email": "ada@example.com", "code": "000000", "password": "Another-Horse-8"}
	s.Post("/login/reset", reset).ExpectProblem(http.StatusBadRequest, "the code is wrong")
	time.Sleep(1100 * time.Millisecond) // a token has the second in which it was issued
	reset["code"] = "654321"            // what the emulator sends
	s.Post("/login/reset", reset).Expect(http.StatusNoContent, nil)
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).ExpectProblem(http.StatusUnauthorized, "is wrong")
	s.Post("/login/signin", object{"email": "ada@example.com", "password": "Another-Horse-8"}).Expect(http.StatusOK, nil)
	s.Post("/login/refresh", object{"refreshToken": session.RefreshToken}).ExpectProblem(http.StatusUnauthorized, "sign in again")
}

// The service knows the password policy of the deployed pool: what it lets through, the pool takes.
func TestPasswordsAreThoseThatThePoolTakes(t *testing.T) {
	s := start(t)
	for n, weak := range []string{"Short-1", "no-capitals-77", "NO-SMALL-777", "No-Digits-At-All", "NoSymbols7777", " Space-Before-7"} {
		s.With("x-client-ip", fmt.Sprint("192.0.2.", n)).Post("/login/confirm", object{"email": "ada@example.com", "code": code, "password": weak}).
			ExpectProblem(http.StatusBadRequest, "password")
	}
	described, err := s.pool.DescribeUserPool(t.Context(), &cognito.DescribeUserPoolInput{UserPoolId: &s.poolID})
	must(t, err)
	policy := described.UserPool.Policies.PasswordPolicy
	if *policy.MinimumLength != 12 || !policy.RequireLowercase || !policy.RequireUppercase || !policy.RequireNumbers || !policy.RequireSymbols {
		t.Errorf("the pool's policy is %+v, and openapi.yaml and checkPassword have another", policy)
	}
	if s.Post("/login/signup", object{"email": "ada@example.com"}); checkPassword(password) != nil {
		t.Error("a good password is refused")
	}
}

func TestAttemptsAreLimitedByAddressAndByUser(t *testing.T) {
	s := start(t)
	attempt := func(client, email string) int {
		return s.With("x-client-ip", client).Post("/login/signin", object{"email": email, "password": "Wrong-Horse-77"}).Status
	}
	for n := range emailLimit.burst {
		if got := attempt(fmt.Sprint("198.51.100.", n), "ada@example.com"); got != http.StatusUnauthorized {
			t.Fatalf("attempt %d gets %d", n, got)
		}
	}
	if got := attempt("198.51.100.99", "ADA@example.com"); got != http.StatusTooManyRequests {
		t.Errorf("an attempt too many at one user gets %d", got)
	}
	got := http.StatusUnauthorized
	for n := 0; n <= addressLimit.burst+30 && got == http.StatusUnauthorized; n++ {
		got = attempt("203.0.113.7", fmt.Sprint("user-", n, "@example.com"))
	}
	if got != http.StatusTooManyRequests {
		t.Errorf("attempts at many users from one address get %d", got)
	}
	if got := attempt("203.0.113.8", "bob@example.com"); got != http.StatusUnauthorized {
		t.Errorf("another address gets %d", got)
	}
}

// An administrator may have confirmed a user, and the service may have stopped after a confirmation: the next sign-in registers.
func TestAUserWhoIsNotRegisteredYetIsSoAtTheNextSignIn(t *testing.T) {
	s := start(t)
	_, err := s.pool.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{UserPoolId: &s.poolID, Username: aws.String("ada@example.com")})
	must(t, err)
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).Expect(http.StatusUnauthorized, nil)
	_, err = s.pool.AdminSetUserPassword(t.Context(), &cognito.AdminSetUserPasswordInput{
		UserPoolId: &s.poolID, Username: aws.String("ada@example.com"), Password: aws.String(password), Permanent: true,
	})
	must(t, err)
	s.Post("/login/signin", object{"email": "ada@example.com", "password": password}).Expect(http.StatusOK, nil)
	if users := s.published(); len(users) != 1 {
		t.Errorf("published %v, want one user", users)
	}
}
