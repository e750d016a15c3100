import { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { type Alarm, alarmsOfOutbox, alarmsOfTable } from './alarms';
import { newBucket } from './bucket';
import { removal } from './contract';
import { type Environment, screamingSnake } from './environments';
import type { DomainEvent } from './events';
import { logPolicy } from './logpolicy';
import type { ImportedPlatform } from './platform';
import { newDeadLetters } from './queues';

/** A service, as stores know it. */
export interface Consumer extends IConstruct, iam.IGrantable, ec2.IConnectable {
  readonly env: Environment;
  readonly platform: ImportedPlatform;
}

/** What a service gets from a store that it uses. */
export interface Bound {
  readonly variables: Record<string, string>;
  readonly alarms?: Alarm[];
}

export interface Store extends IConstruct {
  bind(consumer: Consumer, access: 'read' | 'read-write'): Bound;
}

interface Key {
  readonly partitionKey: string;
  readonly sortKey?: string | dynamodb.Attribute;
}

interface TableProps extends Key {
  readonly index?: Key & { readonly name: string };
  readonly ttlAttribute?: string;
  /** The events that a pipe publishes as they are written into the table. */
  readonly outbox?: DomainEvent[];
}

const attribute = (name: string | dynamodb.Attribute) =>
  typeof name === 'string' ? { name, type: dynamodb.AttributeType.STRING } : name;

const keys = ({ partitionKey, sortKey }: Key) => ({
  partitionKey: attribute(partitionKey),
  sortKey: sortKey === undefined ? undefined : attribute(sortKey),
});

const reading = [
  'dynamodb:BatchGetItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DescribeTable',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
];
const writing = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** A DynamoDB table that one service owns. */
export class Table extends Construct implements Store {
  private readonly table: dynamodb.TableV2;
  private readonly outbox?: Outbox;

  constructor(owner: Consumer, id: string, props: TableProps) {
    super(owner, id);
    const { profile } = owner.env;
    this.table = new dynamodb.TableV2(this, 'Table', {
      ...keys(props),
      globalSecondaryIndexes: props.index && [{ indexName: props.index.name, ...keys(props.index) }],
      timeToLiveAttribute: props.ttlAttribute,
      billing: dynamodb.Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: profile.retain,
      dynamoStream: props.outbox && dynamodb.StreamViewType.NEW_IMAGE,
      removalPolicy: removal(profile.retain),
    });
    if (props.outbox) {
      const scope = new Construct(this, 'Outbox');
      this.outbox = newOutbox(scope, owner, this.table.tableStreamArn!, props.outbox);
    }
  }

  bind(consumer: Consumer, access: 'read' | 'read-write'): Bound {
    this.table.grant(consumer, ...reading, ...(access === 'read' ? [] : writing));
    const { id } = this.node;
    return {
      variables: { [`${screamingSnake(id)}_TABLE_NAME`]: this.table.tableName },
      alarms: [
        ...alarmsOfTable(id, this.table.tableName),
        ...(this.outbox ? alarmsOfOutbox(id, this.outbox.pipe.ref, this.outbox.deadLetters.queueName) : []),
      ],
    };
  }
}

interface Outbox {
  readonly pipe: pipes.CfnPipe;
  readonly deadLetters: sqs.Queue;
}

/** A pipe from the stream of a table to the bus. */
function newOutbox(scope: Construct, owner: Consumer, streamArn: string, published: DomainEvent[]): Outbox {
  const busArn = owner.platform.output('EventBusArn');
  const [{ source }] = published;
  const types = published.map(({ type }) => type);
  const deadLetters = newDeadLetters(scope, 'DeadLetters', owner.env.profile);
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      Outbox: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
            resources: [streamArn],
          }),
          new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
          new iam.PolicyStatement({
            actions: ['events:PutEvents'],
            resources: [busArn],
            conditions: { StringEquals: { 'events:detail-type': types.length === 1 ? types[0] : types, 'events:source': source } },
          }),
        ],
      }),
    },
  });
  const pipe = new pipes.CfnPipe(scope, 'Pipe', {
    description: `Publishes the events in the outbox of ${scope.node.scope!.node.path}`,
    roleArn: role.roleArn,
    source: streamArn,
    sourceParameters: {
      dynamoDbStreamParameters: {
        startingPosition: 'TRIM_HORIZON',
        batchSize: 10,
        deadLetterConfig: { arn: deadLetters.queueArn },
        maximumRecordAgeInSeconds: 3600,
        maximumRetryAttempts: 10000,
        onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
      },
      filterCriteria: {
        filters: [
          {
            pattern: JSON.stringify({
              dynamodb: { NewImage: { outboxDetail: { S: [{ exists: true }] }, outboxType: { S: types } } },
              eventName: ['INSERT'],
            }),
          },
        ],
      },
    },
    target: busArn,
    targetParameters: {
      eventBridgeEventBusParameters: { detailType: '$.dynamodb.NewImage.outboxType.S', source },
      inputTemplate:
        '{"outbox":{"id":<$.eventID>,"sequence":<$.dynamodb.SequenceNumber>,"detail":<$.dynamodb.NewImage.outboxDetail.S>}}',
    },
  });
  return { pipe, deadLetters };
}

/** An S3 bucket that one service owns. */
export class ObjectStore extends Construct implements Store {
  private readonly bucket: s3.Bucket;

  constructor(owner: Consumer, id: string, uploads: { readonly prefix: string; readonly expireDays: number }) {
    super(owner, id);
    const { profile, webOrigins } = owner.env;
    this.bucket = newBucket(
      this,
      'Bucket',
      profile,
      [{ id: 'AbandonedUploads', abortDays: 7 }, { id: 'PreviousVersions', previousDays: 30 }, uploads],
      webOrigins.length === 0
        ? undefined
        : [
            {
              allowedOrigins: webOrigins,
              allowedMethods: ['GET', 'HEAD', 'PUT', 'POST'] as s3.HttpMethods[],
              allowedHeaders: ['*'],
              exposedHeaders: ['ETag'],
              maxAge: 3000,
            },
          ],
    );
    if (profile.auditLogs) {
      const cfn = this.bucket.node.defaultChild as s3.CfnBucket;
      cfn.loggingConfiguration = {
        destinationBucketName: owner.platform.output('LogBucketName'),
        logFilePrefix: `buckets/${Stack.of(this).stackName}/${this.node.path.split('/').slice(1).join('/')}/`,
      };
    }
  }

  bind(consumer: Consumer): Bound {
    iam.Grant.addToPrincipal({ grantee: consumer, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
    iam.Grant.addToPrincipal({
      grantee: consumer,
      actions: [
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ],
      resourceArns: [this.bucket.arnForObjects('*')],
    });
    return { variables: { [`${screamingSnake(this.node.id)}_BUCKET_NAME`]: this.bucket.bucketName } };
  }
}

/** An OpenSearch domain that one service owns. */
export class SearchDomain extends Construct implements Store {
  private readonly domain: opensearch.Domain;

  constructor(owner: Consumer, id: string) {
    super(owner, id);
    const { profile } = owner.env;
    const { vpc, logKey } = owner.platform;
    const { partition, region, account } = Stack.of(this);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Allows HTTPS from the services that use the domain',
      allowAllOutbound: false,
    });
    securityGroup.applyRemovalPolicy(removal(profile.retain));
    const nodes = Math.min(vpc.privateSubnets.length, 3);
    this.domain = new opensearch.Domain(this, 'Domain', {
      version: opensearch.EngineVersion.openSearch('3.3'),
      vpc,
      vpcSubnets: [{ subnets: vpc.privateSubnets.slice(0, nodes) }],
      securityGroups: [securityGroup],
      capacity: {
        dataNodeInstanceType: 'm7g.medium.search',
        dataNodes: nodes,
        masterNodes: 3,
        masterNodeInstanceType: 'm7g.medium.search',
        multiAzWithStandbyEnabled: false,
      },
      zoneAwareness: { enabled: true, availabilityZoneCount: nodes },
      ebs: { volumeType: ec2.EbsDeviceVolumeType.GP3, volumeSize: 20 },
      encryptionAtRest: { enabled: true },
      nodeToNodeEncryption: true,
      enforceHttps: true,
      tlsSecurityPolicy: opensearch.TLSSecurityPolicy.TLS_1_2_PFS,
      removalPolicy: removal(profile.retain),
    });
    const group = new logs.LogGroup(this, 'Logs', {
      retention: profile.logRetention,
      encryptionKey: logKey,
      removalPolicy: removal(profile.retain),
    });
    const policy = logPolicy(this, 'LogPolicy', {
      group,
      service: 'es.amazonaws.com',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:PutLogEventsBatch'],
      source: `arn:${partition}:es:${region}:${account}:domain/*`,
    });
    // Not by the props of the domain: they would define a custom resource, with a Lambda function.
    const cfn = this.domain.node.defaultChild as opensearch.CfnDomain;
    const log = { cloudWatchLogsLogGroupArn: group.logGroupArn, enabled: true };
    cfn.logPublishingOptions = { ES_APPLICATION_LOGS: log, INDEX_SLOW_LOGS: log, SEARCH_SLOW_LOGS: log };
    this.domain.node.addDependency(policy);
  }

  bind(consumer: Consumer, access: 'read' | 'read-write'): Bound {
    if (access === 'read') this.domain.grantRead(consumer);
    else this.domain.grantReadWrite(consumer);
    this.domain.connections.allowFrom(consumer, ec2.Port.tcp(443), 'HTTPS from a service that uses the domain');
    return { variables: { [`${screamingSnake(this.node.id)}_DOMAIN_URL`]: `https://${this.domain.domainEndpoint}` } };
  }
}
