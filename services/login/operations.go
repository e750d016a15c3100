package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/login/api"
)

// operations are the operations of openapi.yaml. Their responses are the same whether an address is registered or not. The time that
// they take is not.
type operations struct {
	pool     pool
	profiles profiles
	byEmail  limits
	log      *slog.Logger
}

// SignUp sends a code.
func (o *operations) SignUp(ctx context.Context, r api.SignUpRequestObject) (api.SignUpResponseObject, error) {
	email := normal(r.Body.Email)
	if err := o.byEmail.use("signup " + email); err != nil {
		return nil, err
	}
	return api.SignUp202Response{}, o.pool.signUp(ctx, email)
}

// Confirm sets the password of the user who has the code.
func (o *operations) Confirm(ctx context.Context, r api.ConfirmRequestObject) (api.ConfirmResponseObject, error) {
	email := normal(r.Body.Email)
	if err := checkPassword(r.Body.Password); err != nil {
		return nil, err
	}
	if err := o.byEmail.use("confirm " + email); err != nil {
		return nil, err
	}
	if err := o.pool.confirm(ctx, email, r.Body.Code, r.Body.Password); err != nil {
		return nil, err
	}
	session, err := o.pool.signIn(ctx, email, r.Body.Password, addressOf(ctx))
	if err != nil {
		return nil, err
	}
	name := ""
	if r.Body.Name != nil {
		name = *r.Body.Name
	}
	o.welcome(ctx, session, name)
	return api.Confirm200JSONResponse{SessionJSONResponse: session}, nil
}

// SignIn signs a user in.
func (o *operations) SignIn(ctx context.Context, r api.SignInRequestObject) (api.SignInResponseObject, error) {
	email := normal(r.Body.Email)
	if err := o.byEmail.use("signin " + email); err != nil {
		return nil, err
	}
	session, err := o.pool.signIn(ctx, email, r.Body.Password, addressOf(ctx))
	if err != nil {
		return nil, err
	}
	o.welcome(ctx, session, "")
	return api.SignIn200JSONResponse{SessionJSONResponse: session}, nil
}

// welcome registers a user who signs in for the first time. A failure does not keep the user out: the next sign-in repeats it.
func (o *operations) welcome(ctx context.Context, session api.SessionJSONResponse, name string) {
	userID, err := subject(session.IDToken)
	if err == nil {
		err = o.profiles.register(ctx, userID, name)
	}
	if err != nil {
		o.log.ErrorContext(ctx, "a user is signed in and not registered: the next sign-in repeats it", "user", userID, "error", err.Error())
	}
}

// Refresh returns new tokens.
func (o *operations) Refresh(ctx context.Context, r api.RefreshRequestObject) (api.RefreshResponseObject, error) {
	session, err := o.pool.refresh(ctx, r.Body.RefreshToken, addressOf(ctx))
	return api.Refresh200JSONResponse{SessionJSONResponse: session}, err
}

// SignOut revokes a refresh token.
func (o *operations) SignOut(ctx context.Context, r api.SignOutRequestObject) (api.SignOutResponseObject, error) {
	return api.SignOut204Response{}, o.pool.signOut(ctx, r.Body.RefreshToken)
}

// ForgotPassword sends a code.
func (o *operations) ForgotPassword(ctx context.Context, r api.ForgotPasswordRequestObject) (api.ForgotPasswordResponseObject, error) {
	email := normal(r.Body.Email)
	if err := o.byEmail.use("forgot " + email); err != nil {
		return nil, err
	}
	return api.ForgotPassword202Response{}, o.pool.forgot(ctx, email)
}

// ResetPassword sets the password of the user who has the code, and ends all sessions.
func (o *operations) ResetPassword(ctx context.Context, r api.ResetPasswordRequestObject) (api.ResetPasswordResponseObject, error) {
	email := normal(r.Body.Email)
	if err := checkPassword(r.Body.Password); err != nil {
		return nil, err
	}
	if err := o.byEmail.use("reset " + email); err != nil {
		return nil, err
	}
	return api.ResetPassword204Response{}, o.pool.reset(ctx, email, r.Body.Code, r.Body.Password)
}

// GetProfile returns the user's profile.
func (o *operations) GetProfile(ctx context.Context, _ api.GetProfileRequestObject) (api.GetProfileResponseObject, error) {
	found, err := o.profile(ctx, o.profiles.get)
	return api.GetProfile200JSONResponse{ProfileJSONResponse: found}, err
}

// PutProfile changes the user's profile.
func (o *operations) PutProfile(ctx context.Context, r api.PutProfileRequestObject) (api.PutProfileResponseObject, error) {
	changed, err := o.profile(ctx, func(ctx context.Context, userID string) (profile, error) {
		return o.profiles.write(ctx, userID, &r.Body.Name)
	})
	return api.PutProfile200JSONResponse{ProfileJSONResponse: changed}, err
}

// profile returns the profile that get returns, with what the pool has of the user.
func (o *operations) profile(ctx context.Context, get func(context.Context, string) (profile, error)) (api.ProfileJSONResponse, error) {
	userID := serve.UserID(ctx)
	email, created, err := o.pool.user(ctx, userID)
	if err != nil {
		return api.ProfileJSONResponse{}, err
	}
	found, err := get(ctx, userID)
	if found.RegisteredAt.IsZero() {
		found.RegisteredAt = created
	}
	return api.ProfileJSONResponse{UserID: userID, Email: email, Name: found.Name, RegisteredAt: found.RegisteredAt}, err
}

// normal is an address as users are found by it: the pool tells capital letters from small ones.
func normal(email string) string { return strings.ToLower(email) }

// checkPassword returns what the user pool would refuse. The pool must not be asked: it looks at the address first, so that its answer
// to a bad password would tell whether the address is registered.
func checkPassword(password string) error {
	has := func(of string) bool { return strings.ContainsAny(password, of) }
	const letters = "abcdefghijklmnopqrstuvwxyz"
	if has(letters) && has(strings.ToUpper(letters)) && has("0123456789") && has("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ") && password == strings.TrimSpace(password) {
		return nil // openapi.yaml has the length
	}
	return serve.Invalid("password must have a lowercase and an uppercase letter of the English alphabet, a digit and a symbol, and no space at its ends")
}
