import { Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { publish, removal } from './contract';
import { type Environment, pascal } from './environments';
import { newDeadLetters } from './queues';

/** The topics of the teams of an environment. */
export class Teams extends Construct {
  private readonly key: kms.Key;
  private readonly undelivered: sqs.Queue;

  constructor(scope: Construct, id: string, env: Environment) {
    super(scope, id);
    const { profile } = env;
    this.key = new kms.Key(this, 'key', {
      description: 'Encrypts the alarm notifications of one environment',
      enableKeyRotation: true,
      removalPolicy: removal(profile.retain),
    });
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    this.undelivered = newDeadLetters(this, 'undelivered', profile);
    const { partition, region, account } = Stack.of(this);
    this.undelivered.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.undelivered.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:sns:${region}:${account}:*` } },
      }),
    );
    for (const team of env.teams) {
      const scope = new Construct(this, pascal(team.name));
      Tags.of(scope).add('owner', team.name);
      publish(this, `${pascal(team.name)}PageTopicArn`, this.newTopic(scope, 'Page', `${team.name} page`, team.email));
      publish(this, `${pascal(team.name)}InformTopicArn`, this.newTopic(scope, 'Inform', `${team.name} information`, team.email));
    }
  }

  private newTopic(scope: Construct, id: string, displayName: string, email: string): string {
    const { partition, region, account } = Stack.of(this);
    const topic = new sns.CfnTopic(scope, id, { displayName, kmsMasterKeyId: this.key.keyArn, signatureVersion: '2' });
    const topicArn = topic.attrTopicArn;
    new sns.CfnSubscription(scope, `${id}Email`, {
      topicArn,
      protocol: 'email',
      endpoint: email,
      redrivePolicy: { deadLetterTargetArn: this.undelivered.queueArn },
    });
    new sns.CfnTopicPolicy(scope, `${id}Policy`, {
      topics: [topicArn],
      policyDocument: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            sid: 'AlarmsOfThisAccount',
            principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
            actions: ['sns:Publish'],
            resources: [topicArn],
            conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` } },
          }),
          new iam.PolicyStatement({
            sid: 'NobodyInPlainText',
            effect: iam.Effect.DENY,
            principals: [new iam.StarPrincipal()],
            actions: ['sns:Publish'],
            resources: [topicArn],
            conditions: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      }),
    });
    return topicArn;
  }
}
