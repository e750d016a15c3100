import { Lazy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';

type Look = readonly [string, string, string];

/** The description of an alarm: what it means, where to look, and whose it is. */
export const story = (of: string, owner: string, meaning: string, look: Look) =>
  `${of}: ${meaning}\nLook at: 1. ${look[0]} 2. ${look[1]} 3. ${look[2]}\nOwner: ${owner}`;

const deployments = 'ECS deployments. If one caused this, roll it back unless ECS has.';
const dependencies = 'the alarms of its stores, and of the services that it calls.';
const newestErrors = "the newest errors in the service's log group.";
const ecsEvents = "the service's events in ECS, and why tasks stopped.";

/** A metric of CloudWatch, or an expression over others. */
interface Metric {
  readonly label?: string;
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Record<string, string>;
  readonly statistic?: string;
  readonly expression?: string;
  readonly over?: Record<string, Metric>;
}

const stat = (namespace: string, metricName: string, dimensions: Record<string, string>, statistic: string): Metric => ({
  namespace,
  metricName,
  dimensions,
  statistic,
});

const dimensionsOf = (metric: Metric) =>
  Object.keys(metric.dimensions!)
    .sort()
    .map((name) => ({ name, value: metric.dimensions![name] }));

const sum = (label: string, over: Record<string, Metric>): Metric => ({
  label,
  over,
  expression: Object.keys(over)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + '),
});

/** Lists an expression and all that it is over, as an alarm has them, or a scaling policy, which sets no period. */
export function queries(metric: Metric, period?: number): cloudwatch.CfnAlarm.MetricDataQueryProperty[] {
  const all: cloudwatch.CfnAlarm.MetricDataQueryProperty[] = [];
  const add = (id: string, m: Metric, returnData: boolean) => {
    all.push(
      m.expression
        ? { id, label: m.label, expression: m.expression, returnData }
        : {
            id,
            label: m.label,
            metricStat: {
              metric: { namespace: m.namespace, metricName: m.metricName, dimensions: dimensionsOf(m) },
              period: period!,
              stat: m.statistic!,
            },
            returnData,
          },
    );
    for (const other of Object.keys(m.over ?? {}).sort()) add(other, m.over![other], false);
  };
  add('watched', metric, true);
  return all;
}

/** The requests of each target group a task. */
export const requestsPerTask = (loadBalancer: string, groups: string[]): Metric => {
  const over = Object.fromEntries(
    groups.map((group, n) => [
      `group${n + 1}`,
      stat('AWS/ApplicationELB', 'RequestCountPerTarget', { LoadBalancer: loadBalancer, TargetGroup: group }, 'Sum'),
    ]),
  );
  return { expression: `SUM([${Object.keys(over).join(', ')}])`, over };
};

/** The messages that wait in a queue for each running task. */
export const backlogPerTask = (queueName: string, clusterName: string, serviceName: string): Metric => ({
  expression: 'serviceTotal / runningTasks',
  over: {
    runningTasks: {
      ...stat('AWS/ECS', 'CPUUtilization', { ClusterName: clusterName, ServiceName: serviceName }, 'SampleCount'),
      label: 'Running tasks',
    },
    serviceTotal: {
      ...stat('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName }, 'Maximum'),
      label: 'Waiting messages',
    },
  },
});

/** An alarm of a service, of a store that it uses or of a schedule. */
export interface Alarm {
  /** The store or schedule that the alarm is of. If not set, the service. */
  readonly of?: string;
  readonly id: string;
  readonly metric: Metric;
  readonly meaning: string;
  readonly look: Look;
  readonly above?: number;
  readonly atLeast?: number;
  readonly below?: number;
  readonly datapoints: number;
  readonly periods: number;
  readonly periodSeconds?: number;
  readonly missing?: 'breaching' | 'missing' | 'notBreaching';
  /** Whether the alarm pages the owner. */
  readonly pages?: boolean;
  /** The name of an alarm that has ECS roll a deployment back. */
  readonly name?: string;
}

const operations = [
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'TransactGetItems',
  'PutItem',
  'BatchWriteItem',
  'UpdateItem',
  'DeleteItem',
  'TransactWriteItems',
];

export function alarmsOfTable(id: string, tableName: string): Alarm[] {
  const count = (name: string, operation?: string) =>
    stat('AWS/DynamoDB', name, { TableName: tableName, ...(operation ? { Operation: operation } : {}) }, 'Sum');
  const table = { of: id, datapoints: 3, periods: 5, pages: true };
  return [
    {
      ...table,
      id: 'ThrottledReads',
      atLeast: 10,
      metric: sum('Throttled reads a minute', {
        table: count('ReadThrottleEvents'),
        queries: count('ThrottledRequests', 'Query'),
        scans: count('ThrottledRequests', 'Scan'),
      }),
      meaning: `DynamoDB throttles 10 or more reads a minute of the table ${id}. Customers get slow responses, then errors.`,
      look: [
        'whether one key gets most of the reads.',
        "the table's provisioned capacity or maximum throughput, if set.",
        "the account's DynamoDB quotas.",
      ],
    },
    {
      ...table,
      id: 'ThrottledWrites',
      atLeast: 10,
      metric: sum('Throttled writes a minute', {
        table: count('WriteThrottleEvents'),
        puts: count('ThrottledRequests', 'PutItem'),
        updates: count('ThrottledRequests', 'UpdateItem'),
        deletes: count('ThrottledRequests', 'DeleteItem'),
      }),
      meaning: `DynamoDB throttles 10 or more writes a minute to the table ${id}. Customers' writes may be lost.`,
      look: [
        'whether one key, of the table or of an index, gets most of the writes.',
        'the provisioned capacity of the table and its indexes, if set.',
        "the account's DynamoDB quotas.",
      ],
    },
    {
      ...table,
      id: 'SystemErrors',
      atLeast: 5,
      metric: sum(
        'Errors of DynamoDB a minute',
        Object.fromEntries(operations.map((operation) => [operation.toLowerCase(), count('SystemErrors', operation)])),
      ),
      meaning: `5 or more requests a minute to the table ${id} fail inside DynamoDB. Customers may get errors.`,
      look: [
        'the AWS Health Dashboard, for DynamoDB in this region.',
        'whether the application retries with backoff.',
        'the alarms of other services: whether all tables are affected.',
      ],
    },
  ];
}

const newDeadLetters = (queueName: string): Metric => ({
  label: 'New dead letters a minute',
  expression: 'DIFF(FILL(waiting, 0) + FILL(received, 0))',
  over: {
    received: stat('AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', { QueueName: queueName }, 'Maximum'),
    waiting: stat('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName }, 'Maximum'),
  },
});

export function alarmsOfOutbox(id: string, pipeName: string, deadLetters: string): Alarm[] {
  const count = (name: string) => stat('AWS/EventBridge/Pipes', name, { PipeName: pipeName }, 'Sum');
  return [
    {
      of: id,
      id: 'OutboxFailures',
      atLeast: 1,
      datapoints: 10,
      periods: 10,
      pages: true,
      metric: sum('Failed executions of the outbox', {
        failed: count('ExecutionFailed'),
        partly: count('ExecutionPartiallyFailed'),
        late: count('ExecutionTimeout'),
        throttled: count('ExecutionThrottled'),
      }),
      meaning: `the pipe of the outbox of the table ${id} has failed 1 or more times a minute for ten minutes. Events are late, and after an hour not published.`,
      look: [
        'the state of the pipe in EventBridge, and its reason.',
        'the permissions of its role on the bus, the stream and their keys.',
        'the AWS Health Dashboard, for EventBridge in this region.',
      ],
    },
    {
      of: id,
      id: 'OutboxDeadLetters',
      atLeast: 1,
      datapoints: 1,
      periods: 15,
      pages: true,
      metric: newDeadLetters(deadLetters),
      meaning: `1 or more records a minute of the outbox of the table ${id} were not published in the last 15 minutes. Subscribers miss their events.`,
      look: [
        'a message in the dead-letter queue: the reason, and the place of the record in the stream.',
        'the items of that time in the table: is outboxDetail JSON in base64?',
        'after the fix, write the items again under other keys: only a new item is published.',
      ],
    },
  ];
}

export function alarmsOfQueue(id: string, queueName: string, deadLetters: string): Alarm[] {
  return [
    {
      of: id,
      id: 'QueueAge',
      above: 600,
      datapoints: 3,
      periods: 3,
      pages: true,
      metric: stat('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queueName }, 'Maximum'),
      meaning: `messages wait longer than 10m in the queue ${id}. Processing is late.`,
      look: [
        'whether the consuming tasks run, and their newest errors.',
        'the number of tasks: is Scaling.Max reached?',
        'whether one message is received again and again.',
      ],
    },
    {
      of: id,
      id: 'DeadLetters',
      atLeast: 1,
      datapoints: 1,
      periods: 15,
      pages: true,
      metric: newDeadLetters(deadLetters),
      meaning: `1 or more messages a minute moved from the queue ${id} to its dead-letter queue in the last 15 minutes. They were not processed.`,
      look: [
        'a message in the dead-letter queue, and the errors logged on its receipt.',
        deployments,
        'after the fix, redrive the dead-letter queue: the messages wait there until then.',
      ],
    },
  ];
}

export function alarmsOfSchedule(id: string, stateMachineArn: string): Alarm[] {
  const count = (name: string) => stat('AWS/States', name, { StateMachineArn: stateMachineArn }, 'Sum');
  return [
    {
      of: id,
      id: 'Failed',
      atLeast: 1,
      datapoints: 1,
      periods: 15,
      metric: count('ExecutionsFailed'),
      meaning: `1 or more runs a minute of the schedule ${id} failed in all attempts, or timed out, in the last 15 minutes. Their work is not done.`,
      look: [
        'the failed execution of its state machine: its error and cause.',
        "the last lines of the task in the service's log group.",
        'after the fix, start an execution with the input of the failed one.',
      ],
    },
    {
      of: id,
      id: 'Overdue',
      below: 1,
      datapoints: 32,
      periods: 32,
      periodSeconds: 3600,
      missing: 'breaching',
      metric: count('ExecutionsSucceeded'),
      meaning: `no run of the schedule ${id} succeeded in the last 32h. It is new, it fails, or it is not started.`,
      look: [
        'the executions of its state machine: is there one of the last time?',
        'if there is none: is the schedule enabled in EventBridge Scheduler?',
        'the metric TargetErrorCount of Scheduler: may its role start the state machine?',
      ],
    },
  ];
}

interface WatchProps {
  readonly service: string;
  readonly owner: string;
  readonly loadBalancer: string;
  /** The full names of the target groups. A worker has none. */
  readonly groups: string[];
  readonly pageTopicArn: string;
  readonly informTopicArn: string;
}

/** The alarms of a service, and those of its stores as it uses them. */
export class Watch extends Construct {
  /** The alarms that have ECS roll a deployment back. They exist before the service. */
  readonly rollback: { readonly names: string[]; readonly scope: Construct };
  private readonly paging = new Map<string, string>();
  private others?: Construct;
  private readonly scopes = new Map<string, Construct>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WatchProps,
  ) {
    super(scope, id);
    this.rollback = { names: [], scope: new Construct(this, 'Deployment') };
    if (props.groups.length > 0) this.addRollbackAlarms();
  }

  private addRollbackAlarms(): void {
    const prefix = `${Stack.of(this).stackName}.${this.props.service}`;
    const alarm = { datapoints: 2, periods: 4, pages: true };
    const all: Alarm[] = [
      {
        ...alarm,
        id: 'Errors',
        name: `${prefix}.errors`,
        above: 5,
        metric: this.share(
          'Failed requests, percent, from 10 requests a minute',
          { failed: 'HTTPCode_Target_5XX_Count', refused: 'TargetConnectionErrorCount' },
          (n) => `(FILL(failed${n}, 0) + FILL(refused${n}, 0))`,
        ),
        meaning: 'more than 5 % of requests to a target group fail. Customers get errors.',
        look: [deployments, newestErrors, dependencies],
      },
      {
        ...alarm,
        id: 'TypicalLatency',
        name: `${prefix}.typical-latency`,
        above: 1,
        metric: this.latency(50, 10),
        meaning: 'half of the requests take longer than 1s. Many customers notice.',
        look: [deployments, 'CPU utilization and the number of tasks: is Scaling.Max reached?', dependencies],
      },
      {
        ...alarm,
        id: 'SlowestLatency',
        name: `${prefix}.slowest-latency`,
        above: 3,
        metric: this.latency(99, 100),
        meaning: '1 % of requests take longer than 3s. Some customers notice.',
        look: [deployments, "which routes are slow, in the API's access logs.", dependencies],
      },
    ];
    for (const each of all) {
      this.add(each);
      this.rollback.names.push(each.name!);
    }
  }

  /** Defines the alarms that need the service itself. */
  addService(service: ecs.FargateService, clusterName: string, minTasks: number, insights: boolean): void {
    const { groups } = this.props;
    const worker = groups.length === 0;
    if (!worker) {
      const least = Math.max(1, Math.floor((minTasks + 1) / 2));
      const healthy = sum(
        'Healthy tasks',
        Object.fromEntries(groups.map((group, n) => [`healthy${n + 1}`, this.target(group, 'HealthyHostCount', 'Minimum')])),
      );
      this.add({
        id: 'HealthyTasks',
        below: least,
        datapoints: 3,
        periods: 3,
        missing: 'breaching',
        pages: true,
        metric: healthy,
        meaning: `${least === 1 ? 'none of its tasks is' : `fewer than ${least} of its tasks are`} healthy. Customers get errors, or soon will.`,
        look: [ecsEvents, 'the health check: the status and latency of its path.', deployments],
      }).node.addDependency(service);
      this.add({
        id: 'ClientErrors',
        above: 25,
        datapoints: 10,
        periods: 15,
        metric: this.share(
          'Rejected requests, percent, from 10 requests a minute',
          { rejected: 'HTTPCode_Target_4XX_Count' },
          (n) => `FILL(rejected${n}, 0)`,
        ),
        meaning: 'more than 25 % of requests get a 4xx response. A client is faulty, or someone is probing the API.',
        look: [
          "which routes and statuses, in the API's access logs.",
          'what changed in its clients: web pages, other services.',
          'whether the requests come from few addresses.',
        ],
      });
    }
    const dimensions = { ClusterName: clusterName, ServiceName: service.serviceName };
    if (insights) {
      this.add({
        id: 'MissingTasks',
        atLeast: 1,
        datapoints: 10,
        periods: 10,
        missing: 'missing',
        pages: worker,
        metric: {
          label: 'Missing tasks',
          expression: 'desired - running',
          over: {
            desired: stat('ECS/ContainerInsights', 'DesiredTaskCount', dimensions, 'Average'),
            running: stat('ECS/ContainerInsights', 'RunningTaskCount', dimensions, 'Average'),
          },
        },
        meaning: `the service has run 1 or more tasks too few for ten minutes. ${
          worker ? 'Its work is delayed or not done.' : 'The other tasks have a higher load.'
        }`,
        look: [
          ecsEvents,
          'whether the image can be pulled, and secrets can be read.',
          'whether Fargate has capacity in the zones.',
        ],
      });
    }
    this.add({
      id: 'CPU',
      above: 85,
      datapoints: 15,
      periods: 15,
      metric: stat('AWS/ECS', 'CPUUtilization', dimensions, 'Average'),
      meaning: 'average CPU utilization has been above 85 % for 15 minutes. If it lasts, responses will be slow.',
      look: ['the number of tasks: is Scaling.Max reached?', 'more requests, or more CPU time for each request.', deployments],
    });
    this.add({
      id: 'Memory',
      above: 90,
      datapoints: 15,
      periods: 15,
      metric: stat('AWS/ECS', 'MemoryUtilization', dimensions, 'Maximum'),
      meaning: 'a task has used more than 90 % of its memory for 15 minutes. At 100 % it is stopped, and its requests fail.',
      look: ['whether memory grows between deployments: a leak.', 'Size.MemoryMiB against what the application needs.', deployments],
    });
    this.addPage();
  }

  private addPage(): void {
    const { service, owner, pageTopicArn } = this.props;
    new cloudwatch.CfnCompositeAlarm(this, 'Page', {
      alarmDescription: story(
        service,
        owner,
        'customers are affected: requests fail, are slow or throttled, or work is not done.',
        ['which of its alarms are in ALARM: their descriptions state what they mean and where to look.', deployments, newestErrors],
      ),
      alarmRule: Lazy.string({
        produce: () =>
          [...this.paging.keys()]
            .sort()
            .map((id) => `ALARM("${this.paging.get(id)}")`)
            .join(' OR '),
      }),
      alarmActions: [pageTopicArn],
      okActions: [pageTopicArn],
    });
  }

  /** Defines an alarm, and adds it to those that page. */
  add(alarm: Alarm): cloudwatch.CfnAlarm {
    const { service, owner, informTopicArn } = this.props;
    const { metric, periodSeconds: period = 60 } = alarm;
    const defined = new cloudwatch.CfnAlarm(alarm.name ? this.rollback.scope : this.scope(alarm.of), alarm.id, {
      alarmName: alarm.name,
      alarmDescription: story(service, owner, alarm.meaning, alarm.look),
      ...(metric.expression
        ? { metrics: queries(metric, period) }
        : {
            namespace: metric.namespace,
            metricName: metric.metricName,
            dimensions: dimensionsOf(metric),
            statistic: metric.statistic,
            period,
          }),
      ...(alarm.above !== undefined
        ? { comparisonOperator: 'GreaterThanThreshold', threshold: alarm.above }
        : alarm.atLeast !== undefined
          ? { comparisonOperator: 'GreaterThanOrEqualToThreshold', threshold: alarm.atLeast }
          : { comparisonOperator: 'LessThanThreshold', threshold: alarm.below }),
      datapointsToAlarm: alarm.datapoints,
      evaluationPeriods: alarm.periods,
      treatMissingData: alarm.missing ?? 'notBreaching',
      alarmActions: [informTopicArn],
      okActions: [informTopicArn],
    });
    if (alarm.pages) this.paging.set(`${alarm.of ?? ''}/${alarm.id}`, defined.attrArn);
    return defined;
  }

  /** The construct with the alarms of a store or of a schedule. */
  private scope(of?: string): Construct {
    if (of === undefined) return this;
    this.others ??= new Construct(this, 'Of');
    const scope = this.scopes.get(of) ?? new Construct(this.others, of);
    this.scopes.set(of, scope);
    return scope;
  }

  private target(group: string, name: string, statistic = 'Sum'): Metric {
    return stat('AWS/ApplicationELB', name, { LoadBalancer: this.props.loadBalancer, TargetGroup: group }, statistic);
  }

  /** The highest value of all target groups. */
  private worst(label: string, each: (n: number, group: string) => Metric): Metric {
    const over = Object.fromEntries(this.props.groups.map((group, n) => [`group${n + 1}`, each(n + 1, group)]));
    const filled = Object.keys(over).map((id) => `FILL(${id}, 0)`);
    return { label, over, expression: `MAX([${filled.join(', ')}])` };
  }

  private share(label: string, names: Record<string, string>, matching: (n: number) => string): Metric {
    return this.worst(label, (n, group) => ({
      expression: `IF(requests${n} >= 10, 100 * ${matching(n)} / requests${n}, 0)`,
      over: {
        [`requests${n}`]: this.target(group, 'RequestCount'),
        ...Object.fromEntries(Object.entries(names).map(([id, name]) => [`${id}${n}`, this.target(group, name)])),
      },
    }));
  }

  private latency(percentile: number, least: number): Metric {
    return this.worst(`Latency, p${percentile} in seconds, from ${least} requests a minute`, (n, group) => ({
      expression: `IF(requests${n} >= ${least}, latency${n}, 0)`,
      over: {
        [`requests${n}`]: this.target(group, 'RequestCount'),
        [`latency${n}`]: this.target(group, 'TargetResponseTime', `p${percentile}`),
      },
    }));
  }
}
