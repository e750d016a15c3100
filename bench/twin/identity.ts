import { Duration, Stack } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { publish, read, removal } from './contract';
import { type Environment, stackName } from './environments';
import { ImportedPlatform } from './platform';
import type { Bound, Consumer, Store } from './stores';

/** Who may call the services of an environment. */
export class Identity extends Construct {
  constructor(scope: Construct, id: string, env: Environment) {
    super(scope, id);
    const { profile } = env;
    const { api } = new ImportedPlatform(this, env);
    const pool = new cognito.UserPool(this, 'Users', {
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      autoVerify: { email: true },
      keepOriginal: { email: true },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: profile.retain,
      removalPolicy: removal(profile.retain),
    });
    const client = pool.addClient('Client', {
      authFlows: { userSrp: true, adminUserPassword: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
    });
    const { region, urlSuffix } = Stack.of(this);
    const authorizer = new apigatewayv2.HttpAuthorizer(this, 'Authorizer', {
      httpApi: api,
      type: apigatewayv2.HttpAuthorizerType.JWT,
      identitySource: ['$request.header.Authorization'],
      jwtIssuer: `https://cognito-idp.${region}.${urlSuffix}/${pool.userPoolId}`,
      jwtAudience: [client.userPoolClientId],
    });
    publish(this, 'AuthorizerId', authorizer.authorizerId);
    publish(this, 'UserPoolId', pool.userPoolId);
    publish(this, 'UserPoolClientId', client.userPoolClientId);
  }
}

/** The users of an environment, for the service that administers them. */
export class ImportedUsers extends Construct implements Store {
  private readonly pool: cognito.IUserPool;
  private readonly clientId: string;

  constructor(scope: Construct, env: Environment) {
    super(scope, 'Identity');
    const identity = stackName(env, 'Identity');
    this.pool = cognito.UserPool.fromUserPoolId(this, 'Users', read(identity, 'UserPoolId'));
    this.clientId = read(identity, 'UserPoolClientId');
  }

  bind(consumer: Consumer): Bound {
    this.pool.grant(
      consumer,
      'cognito-idp:AdminConfirmSignUp',
      'cognito-idp:AdminCreateUser',
      'cognito-idp:AdminDeleteUser',
      'cognito-idp:AdminDisableUser',
      'cognito-idp:AdminEnableUser',
      'cognito-idp:AdminGetUser',
      'cognito-idp:AdminInitiateAuth',
      'cognito-idp:AdminResetUserPassword',
      'cognito-idp:AdminRespondToAuthChallenge',
      'cognito-idp:AdminSetUserPassword',
      'cognito-idp:AdminUpdateUserAttributes',
      'cognito-idp:AdminUserGlobalSignOut',
      'cognito-idp:ListUsers',
    );
    return { variables: { USER_POOL_CLIENT_ID: this.clientId, USER_POOL_ID: this.pool.userPoolId } };
  }
}
