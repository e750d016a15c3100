import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmsOfQueue } from './alarms';
import { removal } from './contract';
import type { Profile } from './environments';
import type { DomainEvent } from './events';
import { type Bound, type Consumer, type Store } from './stores';
import { screamingSnake } from './environments';

const encrypted = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** Has the policy of a queue live as long as the queue. */
const keepPolicy = (queue: sqs.Queue, profile: Profile) =>
  (queue.node.findChild('Policy') as sqs.QueuePolicy).applyRemovalPolicy(removal(profile.retain));

/** A queue of what could not be delivered or processed, for 14 days. */
export function newDeadLetters(scope: Construct, id: string, profile: Profile): sqs.Queue {
  const queue = new sqs.Queue(scope, id, { ...encrypted, retentionPeriod: Duration.days(14), removalPolicy: removal(profile.retain) });
  keepPolicy(queue, profile);
  return queue;
}

/** The queue of the events that a service subscribes to. */
export class Subscription extends Construct implements Store {
  readonly queue: sqs.Queue;
  private readonly deadLetters: sqs.Queue;
  private readonly rules: Construct;

  constructor(
    scope: Construct,
    id: string,
    private readonly busName: string,
    profile: Profile,
  ) {
    super(scope, id);
    this.deadLetters = newDeadLetters(this, 'DeadLetters', profile);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...encrypted,
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      visibilityTimeout: Duration.minutes(2),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
      removalPolicy: removal(profile.retain),
    });
    keepPolicy(this.queue, profile);
    this.rules = new Construct(this, 'Rules');
  }

  /** Sends these events to the queue. */
  add(subscribed: DomainEvent[]): void {
    const { account } = Stack.of(this);
    const arns = subscribed.map(({ source, type }) => {
      const rule = new events.CfnRule(this.rules, `${source} ${type}`, {
        description: `Sends ${source} ${type} to the queue ${this.node.id}`,
        eventBusName: this.busName,
        eventPattern: { source: [source], 'detail-type': [type] },
        targets: [{ id: 'Queue', arn: this.queue.queueArn, deadLetterConfig: { arn: this.deadLetters.queueArn } }],
      });
      return rule.attrArn;
    });
    for (const queue of [this.deadLetters, this.queue]) {
      queue.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': arns }, StringEquals: { 'aws:SourceAccount': account } },
        }),
      );
    }
  }

  bind(consumer: Consumer): Bound {
    iam.Grant.addToPrincipal({
      grantee: consumer,
      actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resourceArns: [this.queue.queueArn],
    });
    return {
      variables: { [`${screamingSnake(this.node.id)}_QUEUE_URL`]: this.queue.queueUrl },
      alarms: alarmsOfQueue(this.node.id, this.queue.queueName, this.deadLetters.queueName),
    };
  }
}
