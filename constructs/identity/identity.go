package identity

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// AdministerUsers lets a service create, read, change, disable and delete the pool's users, sign them in and out on
// their behalf, and nothing else: not change the pool, its clients or its groups.
const AdministerUsers store.Access = "AdministerUsers"

// Identity is who may call an environment's services, defined by [New] or imported by [Import].
type Identity struct {
	constructs.Construct
	ref      Ref
	pool     awscognito.IUserPool
	clientID *string
}

var _ store.Store = (*Identity)(nil)

// New defines an identity and publishes its contract as outputs of its stack, which therefore holds one identity. It
// panics when the props are wrong, and names all that is.
func New(scope constructs.Construct, id string, props Props) *Identity {
	props = props.withDefaults()
	cdkx.Check(scope, id, props.validate())
	retain := props.Retain.Or(profile.Of(scope).RetainData)

	i := &Identity{}
	constructs.NewConstruct_Override(i, scope, jsii.String(id))
	stack := awscdk.Stack_Of(i)
	i.ref = Ref{StackName: *stack.StackName()}
	pool := newUserPool(i, props, retain)
	client := pool.AddClient(jsii.String("Client"), &awscognito.UserPoolClientOptions{
		// Browsers prove the password without sending it (SRP); a service with AdministerUsers signs users in itself.
		AuthFlows:                  &awscognito.AuthFlow{UserSrp: jsii.Bool(true), AdminUserPassword: jsii.Bool(true)},
		DisableOAuth:               jsii.Bool(true),
		PreventUserExistenceErrors: jsii.Bool(true),
		EnableTokenRevocation:      jsii.Bool(true),
		AccessTokenValidity:        cdkx.Minutes(accessTokenLength),
		IdTokenValidity:            cdkx.Minutes(accessTokenLength),
		RefreshTokenValidity:       cdkx.Minutes(props.SessionLength),
	})
	authorizer := awsapigatewayv2.NewHttpAuthorizer(i, jsii.String("Authorizer"), &awsapigatewayv2.HttpAuthorizerProps{
		HttpApi:        props.API,
		Type:           awsapigatewayv2.HttpAuthorizerType_JWT,
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtIssuer:      jsii.String(fmt.Sprintf("https://cognito-idp.%s.%s/%s", *stack.Region(), *stack.UrlSuffix(), *pool.UserPoolId())),
		JwtAudience:    &[]*string{client.UserPoolClientId()},
	})
	i.pool, i.clientID = pool, client.UserPoolClientId()
	cdkx.Publish(i, OutputAuthorizerID, authorizer.AuthorizerId())
	cdkx.Publish(i, OutputUserPoolID, i.pool.UserPoolId())
	cdkx.Publish(i, OutputClientID, i.clientID)
	return i
}

// Import gives the identity that ref names to another stack of the same account and region, in this app or another. It
// defines no resource and asks AWS nothing. It panics when ref is wrong.
func Import(scope constructs.Construct, ref Ref) *Identity {
	const id = "Identity"
	cdkx.Check(scope, id, ref.Validate())
	cdkx.Check(scope, id, ref.CheckFrom(scope))

	i := &Identity{ref: ref}
	constructs.NewConstruct_Override(i, scope, jsii.String(id))
	i.pool = awscognito.UserPool_FromUserPoolId(i, jsii.String("Users"), cdkx.Read(ref.StackName, OutputUserPoolID))
	i.clientID = cdkx.Read(ref.StackName, OutputClientID)
	return i
}

// Ref is how services name this identity.
func (i *Identity) Ref() Ref { return i.ref }

// UserPool holds the users.
func (i *Identity) UserPool() awscognito.IUserPool { return i.pool }

// ClientID is the client through which users sign in.
func (i *Identity) ClientID() string { return *i.clientID }

// Bind lets consumer use the pool with [AdministerUsers], the only access there is, and names USER_POOL_ID and
// USER_POOL_CLIENT_ID.
func (i *Identity) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != AdministerUsers {
		return store.Binding{}, store.Unsupported(access, AdministerUsers)
	}
	i.pool.Grant(consumer, *jsii.Strings(
		"cognito-idp:AdminConfirmSignUp",
		"cognito-idp:AdminCreateUser",
		"cognito-idp:AdminDeleteUser",
		"cognito-idp:AdminDisableUser",
		"cognito-idp:AdminEnableUser",
		"cognito-idp:AdminGetUser",
		"cognito-idp:AdminInitiateAuth",
		"cognito-idp:AdminResetUserPassword",
		"cognito-idp:AdminRespondToAuthChallenge",
		"cognito-idp:AdminSetUserPassword",
		"cognito-idp:AdminUpdateUserAttributes",
		"cognito-idp:AdminUserGlobalSignOut",
		"cognito-idp:ListUsers",
	)...)
	return store.Binding{Environment: map[string]string{
		"USER_POOL_ID":        *i.pool.UserPoolId(),
		"USER_POOL_CLIENT_ID": *i.clientID,
	}}, nil
}

func newUserPool(scope constructs.Construct, props Props, retain bool) awscognito.UserPool {
	mfa := map[MFA]awscognito.Mfa{
		MFAOptional: awscognito.Mfa_OPTIONAL,
		MFARequired: awscognito.Mfa_REQUIRED,
		MFAOff:      awscognito.Mfa_OFF,
	}[props.MFA]
	pool := &awscognito.UserPoolProps{
		SelfSignUpEnabled: jsii.Bool(!props.DisableSelfSignUp),
		SignInAliases:     &awscognito.SignInAliases{Email: jsii.Bool(true)},
		AutoVerify:        &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		KeepOriginal:      &awscognito.KeepOriginalAttrs{Email: jsii.Bool(true)},
		AccountRecovery:   awscognito.AccountRecovery_EMAIL_ONLY,
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength:            jsii.Number(12),
			RequireLowercase:     jsii.Bool(true),
			RequireUppercase:     jsii.Bool(true),
			RequireDigits:        jsii.Bool(true),
			RequireSymbols:       jsii.Bool(true),
			TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3)),
		},
		Mfa:                mfa,
		DeletionProtection: jsii.Bool(retain),
		RemovalPolicy:      cdkx.Removal(retain),
	}
	if props.MFA != MFAOff {
		// Codes by text message can be intercepted, and each costs money.
		pool.MfaSecondFactor = &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)}
	}
	return awscognito.NewUserPool(scope, jsii.String("Users"), pool)
}
