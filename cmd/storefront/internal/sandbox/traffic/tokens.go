package traffic

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// user is a signed-in user of a user pool.
type user struct {
	pool, name string
	subject    string
	id, access string // tokens
}

// flowError reports a client that signs nobody in by a password that its administrator has set.
type flowError struct{ text string }

func (e *flowError) Error() string { return e.text }

// hasScope reports whether a token has one of the scopes. One such is enough for API Gateway.
func hasScope(token string, scopes []string) bool {
	_, claims, _, err := split(token)
	of, _ := claims["scope"].(string)
	return err == nil && slices.ContainsFunc(strings.Fields(of), func(scope string) bool { return slices.Contains(scopes, scope) })
}

// AccessTokenScope is the only scope of an access token that Cognito issues for a password. ID tokens have none.
const AccessTokenScope = "aws.cognito.signin.user.admin"

// Token returns an ID token, or an access token, of a user pool's client for the user with an e-mail address, who is created if
// there is none and gets another password.
func Token(ctx context.Context, config aws.Config, pool, clientID, email string, access bool) (string, error) {
	u, err := signIn(ctx, cognitoidentityprovider.NewFromConfig(config), pool, clientID, email)
	if err != nil {
		return "", err
	}
	if access {
		return u.access, nil
	}
	return u.id, nil
}

// signUp creates a user in a pool and signs it in.
func signUp(ctx context.Context, client *cognitoidentityprovider.Client, pool, clientID string) (*user, error) {
	return signIn(ctx, client, pool, clientID, "sandbox-traffic-"+strings.ToLower(rand.Text())+"@example.com")
}

// signIn signs a user in with an authentication flow that the pool's client allows, and creates the user if there is none.
func signIn(ctx context.Context, client *cognitoidentityprovider.Client, pool, clientID, name string) (*user, error) {
	described, err := client.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &clientID})
	if err != nil {
		return nil, err
	}
	flows := described.UserPoolClient.ExplicitAuthFlows
	if !slices.Contains(flows, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth) {
		return nil, &flowError{fmt.Sprintf("client %s: want %s among the authentication flows, got %v", clientID, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, flows)}
	}
	u := &user{pool: pool, name: name}
	password := aws.String("Aa1!" + rand.Text())
	_, err = client.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &pool, Username: &u.name, MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &u.name}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	if exists := new(types.UsernameExistsException); err != nil && !errors.As(err, &exists) {
		return nil, err
	}
	_, err = client.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &pool, Username: &u.name, Password: password, Permanent: true,
	})
	if err != nil {
		return u, err
	}
	signedIn, err := client.AdminInitiateAuth(ctx, &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &pool, ClientId: &clientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": u.name, "PASSWORD": *password},
	})
	if err != nil {
		return u, err
	}
	if signedIn.AuthenticationResult == nil {
		return u, fmt.Errorf("client %s: want tokens for a password, got the challenge %s", clientID, signedIn.ChallengeName)
	}
	u.id, u.access = aws.ToString(signedIn.AuthenticationResult.IdToken), aws.ToString(signedIn.AuthenticationResult.AccessToken)
	u.subject, err = subject(u.id)
	return u, err
}

func subject(token string) (string, error) {
	_, claims, _, err := split(token)
	if err != nil {
		return "", err
	}
	name, ok := claims["sub"].(string)
	if !ok {
		return "", fmt.Errorf("want a token with the claim sub, got %v", claims)
	}
	return name, nil
}

// split decodes a token.
func split(token string) (header, claims map[string]any, signature string, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, "", fmt.Errorf("want a token of three parts, got %d", len(parts))
	}
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return nil, nil, "", fmt.Errorf("part %d of a token: %w", i+1, err)
		}
	}
	return header, claims, parts[2], nil
}

// join encodes the two signed parts of a token.
func join(header, claims map[string]any) string {
	part := func(value map[string]any) string {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // it was read from JSON
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(header) + "." + part(claims)
}

// forgeries are variants of a valid token that an authorizer must reject, by their defect.
func forgeries(token string) (map[string]string, error) {
	header, claims, signature, err := split(token)
	if err != nil {
		return nil, err
	}
	forged := map[string]string{}

	first := "A"
	if strings.HasPrefix(signature, first) {
		first = "B"
	}
	forged["a token with a changed signature"] = strings.TrimSuffix(token, signature) + first + signature[1:]

	sub := claims["sub"]
	claims["sub"] = "00000000-0000-0000-0000-000000000000"
	forged["a token with another user in its claims"] = join(header, claims) + "." + signature
	claims["sub"] = sub

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(join(header, claims)))
	signed, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, err
	}
	forged["a token signed with another key"] = join(header, claims) + "." + base64.RawURLEncoding.EncodeToString(signed)

	header["alg"] = "none"
	forged["a token without a signature"] = join(header, claims) + "."
	return forged, nil
}

// foreign is a user of another user pool than the app's, which is created for it.
func foreign(ctx context.Context, client *cognitoidentityprovider.Client) (*user, error) {
	pool, err := client.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: aws.String("sandbox-traffic"), UsernameAttributes: []types.UsernameAttributeType{types.UsernameAttributeTypeEmail},
	})
	if err != nil {
		return nil, err
	}
	u := &user{pool: aws.ToString(pool.UserPool.Id)}
	made, err := client.CreateUserPoolClient(ctx, &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &u.pool, ClientName: aws.String("sandbox-traffic"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		return u, err
	}
	signed, err := signUp(ctx, client, u.pool, aws.ToString(made.UserPoolClient.ClientId))
	if signed != nil {
		u = signed
	}
	return u, err
}
