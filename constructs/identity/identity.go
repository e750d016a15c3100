package identity

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// AdministerUsers allows a service to create, read, update, disable and delete the pool's users, and to sign them in
// and out on their behalf. It does not allow changes to the pool, its app clients or its groups.
const AdministerUsers store.Access = "AdministerUsers"

// Identity is the user pool, app client and authorizer of an environment, defined by [New] or imported by [Import].
type Identity struct {
	constructs.Construct
	ref          Ref
	pool         awscognito.IUserPool
	clientID     *string
	authorizerID *string
}

var _ store.Store = (*Identity)(nil)

// New defines an identity and publishes its contract as outputs of its stack, so a stack can have only one identity.
// New panics with one error that lists every invalid prop.
func New(scope constructs.Construct, id string, props Props) *Identity {
	problem.MustScope(scope, id)
	props = props.withDefaults()
	ref, err := refOf(scope)
	if props.API == nil {
		err = errors.Join(err, platform.CheckOf(scope))
	}
	region := *awscdk.Stack_Of(scope).Region()
	problem.Must(scope, id, errors.Join(err, cdkx.CheckSameStack("Identity.StackName", ref.StackName, scope), props.validate(),
		props.Email.validateFor(region, *awscdk.Token_IsUnresolved(region))))
	defaults := profile.Of(scope)
	retain := props.Retain.Or(defaults.RetainData)
	if props.API == nil {
		props.API = platform.Of(scope).API()
	}

	i := &Identity{}
	place.Define(i, scope, id)
	stack := awscdk.Stack_Of(i)
	i.ref = Ref{StackName: *stack.StackName()}
	pool := newUserPool(i, props, retain, retain && defaults.DeletionProtection)
	addRisks(i, pool, props)
	client := pool.AddClient(jsii.String("Client"), &awscognito.UserPoolClientOptions{
		// Browsers authenticate with SRP, which does not send the password. A service with AdministerUsers signs users
		// in with AdminInitiateAuth.
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
	i.pool, i.clientID, i.authorizerID = pool, client.UserPoolClientId(), authorizer.AuthorizerId()
	cdkx.Publish(i, OutputAuthorizerID, i.authorizerID)
	cdkx.Publish(i, OutputUserPoolID, i.pool.UserPoolId())
	cdkx.Publish(i, OutputClientID, i.clientID)
	return i
}

// Import makes the identity that ref refers to available in another stack of the same account and region, in this app
// or another. It defines no resources and makes no calls to AWS. It panics with one error that lists everything that is
// wrong with ref.
func Import(scope constructs.Construct, ref Ref) *Identity {
	problem.MustHaveScope(scope, "Identity")
	problem.Must(scope, "Identity", errors.Join(ref.Validate(), cdkx.CheckOtherStack("Identity.StackName", ref.StackName, scope)))
	is := func(i *Identity) bool { return i.ref == ref }
	return cdkx.Imported(scope, "Identity", ref.StackName, is, func(id string) *Identity {
		i := &Identity{
			ref:          ref,
			clientID:     cdkx.Read(scope, ref.StackName, OutputClientID),
			authorizerID: cdkx.Read(scope, ref.StackName, OutputAuthorizerID),
		}
		place.Define(i, scope, id)
		return i
	})
}

// Of imports the identity of scope's environment. It panics if the environment names none.
func Of(scope constructs.Construct) *Identity {
	ref, err := refOf(scope)
	problem.MustAt(scope, err)
	if ref == (Ref{}) {
		problem.MustAt(scope, errors.New(`the environment names no Identity: set Identity of app.App, or name its stack in the environment, such as identity.Ref{StackName: "shop-identity"}`))
	}
	return Import(scope, ref)
}

// refOf returns zero if the environment names no identity.
func refOf(scope constructs.Construct) (Ref, error) {
	var environment struct{ Identity Ref }
	_, err := ambient.Get(scope, &environment)
	return environment.Identity, err
}

// Ref returns the reference by which services use this identity.
func (i *Identity) Ref() Ref { return i.ref }

// UserPool returns the underlying CDK user pool.
func (i *Identity) UserPool() awscognito.IUserPool {
	if i.pool == nil {
		i.pool = awscognito.UserPool_FromUserPoolId(i, jsii.String("Users"), cdkx.Read(i, i.ref.StackName, OutputUserPoolID))
	}
	return i.pool
}

// AuthorizerID returns the ID of the JWT authorizer, for the routes of the platform's API that require a signed-in
// caller.
func (i *Identity) AuthorizerID() string { return *i.authorizerID }

// ClientID returns the ID of the app client with which users sign in.
func (i *Identity) ClientID() string { return *i.clientID }

// Bind grants consumer [AdministerUsers] access to the pool, the only supported access, and sets the environment
// variables USER_POOL_ID and USER_POOL_CLIENT_ID.
func (i *Identity) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != AdministerUsers {
		return store.Binding{}, store.Unsupported(access, AdministerUsers)
	}
	i.UserPool().Grant(consumer.GrantPrincipal(), *jsii.Strings(
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
		"USER_POOL_ID":        *i.UserPool().UserPoolId(),
		"USER_POOL_CLIENT_ID": *i.clientID,
	}}, nil
}

func newUserPool(scope constructs.Construct, props Props, retain, protect bool) awscognito.UserPool {
	mfa := map[MFA]awscognito.Mfa{
		MFAOptional: awscognito.Mfa_OPTIONAL,
		MFARequired: awscognito.Mfa_REQUIRED,
		NoMFA:       awscognito.Mfa_OFF,
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
		Email:              props.Email.sender(),
		FeaturePlan:        awscognito.FeaturePlan(props.Plan),
		DeletionProtection: jsii.Bool(protect),
		RemovalPolicy:      cdkx.Removal(retain),
	}
	if props.MFA != NoMFA {
		// Codes sent by SMS can be intercepted, and each message costs money.
		pool.MfaSecondFactor = &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)}
	}
	if props.ThreatProtection != "" {
		pool.StandardThreatProtectionMode = map[ThreatProtection]awscognito.StandardThreatProtectionMode{
			ReportThreats: awscognito.StandardThreatProtectionMode_AUDIT_ONLY,
			BlockThreats:  awscognito.StandardThreatProtectionMode_FULL_FUNCTION,
		}[props.ThreatProtection]
	}
	return awscognito.NewUserPool(scope, jsii.String("Users"), pool)
}
