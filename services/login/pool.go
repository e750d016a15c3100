package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/login/api"
)

// pool is the user pool, and the app client of the shop.
type pool struct {
	client       *cognito.Client
	id, clientID string
}

// signUp sends a code to an address. The password that the user has until then is random and nobody knows it: otherwise somebody else
// could sign up with the address first, and still know the password when its owner confirms.
func (p pool) signUp(ctx context.Context, email string) error {
	_, err := p.client.SignUp(ctx, &cognito.SignUpInput{
		ClientId: &p.clientID, Username: &email, Password: aws.String(rand.Text() + "-aA1"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	})
	if is(err, "UsernameExistsException") {
		_, err = p.client.ResendConfirmationCode(ctx, &cognito.ResendConfirmationCodeInput{ClientId: &p.clientID, Username: &email})
		// It is confirmed already, or too many codes were sent. Another answer would tell that the address is known.
		if is(err, "InvalidParameterException", "UserNotFoundException", "NotAuthorizedException", "LimitExceededException") {
			return nil
		}
	}
	if is(err, "InvalidParameterException") {
		return serve.Invalid("email must be an address, got %q", email)
	}
	return p.problem(err)
}

// confirm sets the password of a user who has the code. If the service stops between the two, the user is confirmed without a known
// password, and resets it.
func (p pool) confirm(ctx context.Context, email, code, password string) error {
	_, err := p.client.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{ClientId: &p.clientID, Username: &email, ConfirmationCode: &code})
	if wrongCode(err) {
		return serve.Invalid("the code is wrong or has expired, or the address is confirmed already: sign up again for another code, or reset the password")
	}
	if err != nil {
		return p.problem(err)
	}
	_, err = p.client.AdminSetUserPassword(ctx, &cognito.AdminSetUserPasswordInput{UserPoolId: &p.id, Username: &email, Password: &password, Permanent: true})
	return p.problem(err)
}

// signIn returns tokens for a password. Address is that of the client, for Cognito's threat protection.
func (p pool) signIn(ctx context.Context, email, password, address string) (api.SessionJSONResponse, error) {
	session, err := p.auth(ctx, types.AuthFlowTypeAdminUserPasswordAuth, address, map[string]string{"USERNAME": email, "PASSWORD": password})
	if is(err, "NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException", "InvalidParameterException") {
		return session, serve.Unauthorized("the email address or the password is wrong, or the address is not confirmed")
	}
	if is(err, "PasswordResetRequiredException") {
		return session, serve.Forbidden("the password must be reset first")
	}
	return session, p.problem(err)
}

// refresh returns new tokens for a refresh token.
func (p pool) refresh(ctx context.Context, refreshToken, address string) (api.SessionJSONResponse, error) {
	session, err := p.auth(ctx, types.AuthFlowTypeRefreshTokenAuth, address, map[string]string{"REFRESH_TOKEN": refreshToken})
	if is(err, "NotAuthorizedException", "UserNotFoundException", "InvalidParameterException") {
		return session, serve.Unauthorized("the session has ended: sign in again")
	}
	if session.RefreshToken == "" { // it stays the same, unless the app client rotates it
		session.RefreshToken = refreshToken
	}
	return session, p.problem(err)
}

func (p pool) auth(ctx context.Context, flow types.AuthFlowType, address string, parameters map[string]string) (api.SessionJSONResponse, error) {
	var session api.SessionJSONResponse
	got, err := p.client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId: &p.id, ClientId: &p.clientID, AuthFlow: flow, AuthParameters: parameters,
		ContextData: &types.ContextDataType{
			IpAddress: &address, ServerName: aws.String("login"), ServerPath: aws.String("/login"), HttpHeaders: []types.HttpHeader{},
		},
	})
	if err != nil {
		return session, err
	}
	if got.AuthenticationResult == nil {
		return session, serve.Forbidden("this user needs %s to sign in, which this service does not support", got.ChallengeName)
	}
	return api.SessionJSONResponse{
		IDToken: aws.ToString(got.AuthenticationResult.IdToken), AccessToken: aws.ToString(got.AuthenticationResult.AccessToken),
		RefreshToken: aws.ToString(got.AuthenticationResult.RefreshToken), ExpiresIn: int(got.AuthenticationResult.ExpiresIn),
	}, nil
}

// signOut revokes a refresh token. One that is not valid is no error: there is nothing to end.
func (p pool) signOut(ctx context.Context, refreshToken string) error {
	_, err := p.client.RevokeToken(ctx, &cognito.RevokeTokenInput{ClientId: &p.clientID, Token: &refreshToken})
	if is(err, "InvalidParameterException", "NotAuthorizedException", "UnauthorizedException", "UnsupportedTokenTypeException") {
		return nil
	}
	return p.problem(err)
}

// forgot sends a code to an address that is registered.
func (p pool) forgot(ctx context.Context, email string) error {
	_, err := p.client.ForgotPassword(ctx, &cognito.ForgotPasswordInput{ClientId: &p.clientID, Username: &email})
	if is(err, "UserNotFoundException", "InvalidParameterException", "NotAuthorizedException", "UserNotConfirmedException", "LimitExceededException") {
		return nil
	}
	return p.problem(err)
}

// reset sets the password of a user who has the code, and ends all sessions: somebody else may have one.
func (p pool) reset(ctx context.Context, email, code, password string) error {
	_, err := p.client.ConfirmForgotPassword(ctx, &cognito.ConfirmForgotPasswordInput{
		ClientId: &p.clientID, Username: &email, ConfirmationCode: &code, Password: &password,
	})
	if wrongCode(err) {
		return serve.Invalid("the code is wrong or has expired: ask for another")
	}
	if err != nil {
		return p.problem(err)
	}
	_, err = p.client.AdminUserGlobalSignOut(ctx, &cognito.AdminUserGlobalSignOutInput{UserPoolId: &p.id, Username: &email})
	return p.problem(err)
}

// user returns the address of a user, and when it signed up.
func (p pool) user(ctx context.Context, userID string) (email string, created time.Time, err error) {
	got, err := p.client.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: &p.id, Username: &userID})
	if is(err, "UserNotFoundException") {
		return "", created, serve.Unauthorized("the user does not exist any more")
	}
	if err != nil {
		return "", created, p.problem(err)
	}
	for _, attribute := range got.UserAttributes {
		if aws.ToString(attribute.Name) == "email" {
			email = aws.ToString(attribute.Value)
		}
	}
	return email, aws.ToTime(got.UserCreateDate).UTC(), nil
}

// problem is what a client may know of an error of Cognito.
func (p pool) problem(err error) error {
	switch {
	case is(err, "TooManyRequestsException", "LimitExceededException", "TooManyFailedAttemptsException"):
		return serve.TooMany(5*time.Minute, "there were too many attempts: wait some minutes")
	case is(err, "CodeDeliveryFailureException"):
		return serve.Unavailable("the code could not be sent: repeat the request")
	}
	return err
}

func wrongCode(err error) bool {
	return is(err, "CodeMismatchException", "ExpiredCodeException", "NotAuthorizedException", "UserNotFoundException", "AliasExistsException",
		"InvalidParameterException", "UserNotConfirmedException")
}

// is reports whether an error of AWS has one of these codes.
func is(err error, codes ...string) bool {
	var coded smithy.APIError
	return errors.As(err, &coded) && slices.Contains(codes, coded.ErrorCode())
}

// subject returns the user of a token that Cognito has just returned, which is why its signature is not verified.
func subject(token string) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errors.New("the ID token has not three parts")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", fmt.Errorf("the ID token: %w", err)
	}
	var claims struct{ Sub string }
	err = json.Unmarshal(payload, &claims)
	return claims.Sub, err
}
