import { CfnOutput, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Publishes an output whose logical ID is the name itself. */
export function publish(scope: Construct, name: string, value: string): void {
  new CfnOutput(scope, name, { value }).overrideLogicalId(name);
}

/** A weak reference to an output of another stack. */
export const read = (stackName: string, name: string) => Fn.getStackOutput(stackName, name);

export const removal = (retain: boolean) => (retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY);

/** A key with which CloudWatch Logs may encrypt the log groups of the account and region. */
export function newLogKey(scope: Construct, retain: boolean): kms.Key {
  const key = new kms.Key(scope, 'LogKey', {
    description: 'Encrypts the logs of one environment',
    enableKeyRotation: true,
    removalPolicy: removal(retain),
  });
  const { partition, region, account } = Stack.of(scope);
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
  return key;
}
