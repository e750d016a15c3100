import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

interface LogPolicyProps {
  readonly group: logs.ILogGroup;
  readonly service: string;
  readonly actions: string[];
  /** The ARN of what may write into the group. */
  readonly source: string;
}

/** A policy by which a service of AWS writes into a log group. Such a policy belongs to the account, so its name is unique. */
export function logPolicy(scope: Construct, id: string, { group, service, actions, source }: LogPolicyProps): logs.CfnResourcePolicy {
  const stack = Stack.of(scope);
  const document = new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(service)],
        actions,
        resources: [group.logGroupArn],
        conditions: { ArnLike: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    ],
  });
  return new logs.CfnResourcePolicy(scope, id, {
    policyName: `${stack.stackName}.${scope.node.path.replaceAll('/', '.')}`,
    policyDocument: stack.toJsonString(document),
  });
}
