import { type Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarmsOfSchedule } from './alarms';
import type { Microservice } from './microservice';

interface ScheduleProps {
  readonly expression: string;
  readonly timeZone: string;
  readonly command: string[];
  readonly timeout: Duration;
}

/** Runs a task of a service at certain times, once at a time, and again if it fails. */
export class Schedule extends Construct {
  constructor(service: Microservice, id: string, props: ScheduleProps) {
    super(service, id);
    const stack = Stack.of(this);
    const { partition, region, account } = stack;
    const arn = (name: string, resource: string) => `arn:${partition}:${name}:${region}:${account}:${resource}`;
    const cluster = arn('ecs', `cluster/${service.platform.cluster.clusterName}`);
    const role = this.newRole(service, cluster);
    const machine = new stepfunctions.CfnStateMachine(this, 'StateMachine', {
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(definition(service, cluster, props)),
    });
    machine.node.addDependency(service.service);
    const list = new iam.CfnPolicy(this, 'ListExecutions', {
      policyName: 'ListExecutions',
      roles: [role.roleName],
      policyDocument: new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({ actions: ['states:ListExecutions'], resources: [machine.attrArn] })],
      }),
    });
    const scheduleRole = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          ArnLike: { 'aws:SourceArn': arn('scheduler', 'schedule-group/default') },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
      inlinePolicies: {
        Job: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [machine.attrArn] })],
        }),
      },
    });
    const schedule = new scheduler.CfnSchedule(this, 'Schedule', {
      description: `Runs a task of ${this.node.path}`,
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.timeZone,
      target: {
        arn: machine.attrArn,
        roleArn: scheduleRole.roleArn,
        input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 185 },
      },
    });
    schedule.node.addDependency(list);
    service.watch(alarmsOfSchedule(id, machine.attrArn));
  }

  private newRole(service: Microservice, cluster: string): iam.Role {
    const { partition, region, account } = Stack.of(this);
    const arn = (name: string, resource: string) => `arn:${partition}:${name}:${region}:${account}:${resource}`;
    const tasks = arn('ecs', `task/${service.platform.cluster.clusterName}/*`);
    const inCluster = { ArnEquals: { 'ecs:cluster': cluster } };
    const allow = (actions: string[], resources: string[], conditions?: Record<string, unknown>) =>
      new iam.PolicyStatement({ actions, resources, conditions });
    return new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: {
          ArnLike: { 'aws:SourceArn': arn('states', 'stateMachine:*') },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
      inlinePolicies: {
        Job: new iam.PolicyDocument({
          statements: [
            allow(['ecs:RunTask'], [arn('ecs', `task-definition/${service.task.family}:*`)], inCluster),
            allow(['ecs:DescribeTasks', 'ecs:StopTask'], [tasks]),
            allow(['ecs:ListTasks'], ['*'], inCluster),
            allow(['ecs:TagResource'], [tasks], { StringEquals: { 'ecs:CreateAction': 'RunTask' } }),
            allow(['iam:PassRole'], [service.task.taskRole.roleArn, service.task.executionRole!.roleArn], {
              StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
            }),
            allow(
              ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
              [arn('events', 'rule/StepFunctionsGetEventsForECSTaskRule')],
            ),
          ],
        }),
      },
    });
  }
}

/** The state machine of a run. */
function definition(service: Microservice, cluster: string, { command, timeout }: ScheduleProps): object {
  const retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }];
  const giveUp = [{ ErrorEquals: ['States.ALL'], Next: 'TimedOut' }];
  return {
    Comment: 'Runs a task of a service and waits until it ends',
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    States: {
      Begin: { Type: 'Pass', Assign: { attempt: 1 }, Next: 'Others' },
      Others: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:sfn:listExecutions',
        Arguments: { StateMachineArn: '{% $states.context.StateMachine.Id %}', StatusFilter: 'RUNNING' },
        Assign: {
          earlier:
            '{% ($id := $states.context.Execution.Id; $own := $states.result.Executions[ExecutionArn = $id].StartDate; ' +
            '$others := $states.result.Executions[ExecutionArn != $id]; ' +
            '$exists($own) ? $count($others[StartDate < $own or (StartDate = $own and ExecutionArn < $id)]) : $count($others)) %}',
        },
        Retry: retry,
        Next: 'Earlier',
      },
      Earlier: { Type: 'Choice', Choices: [{ Condition: '{% $earlier > 0 %}', Next: 'Overlap' }], Default: 'Run' },
      Overlap: { Type: 'Succeed', Comment: 'Skipped: an earlier run is under way' },
      Run: {
        Type: 'Task',
        Resource: 'arn:aws:states:::ecs:runTask.sync',
        TimeoutSeconds: timeout.toSeconds(),
        Arguments: {
          Cluster: cluster,
          LaunchType: 'FARGATE',
          TaskDefinition: service.task.taskDefinitionArn,
          PropagateTags: 'TASK_DEFINITION',
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              AssignPublicIp: 'DISABLED',
              SecurityGroups: [service.securityGroup.securityGroupId],
              Subnets: service.platform.vpc.privateSubnets.map(({ subnetId }) => subnetId),
            },
          },
          Overrides: {
            ContainerOverrides: [
              {
                Name: service.container.containerName,
                Command: command,
                Environment: [
                  { Name: 'SCHEDULED_RUN', Value: '{% $states.context.Execution.Id %}' },
                  {
                    Name: 'SCHEDULED_TIME',
                    Value:
                      '{% $exists($states.context.Execution.Input.scheduledTime) ? ' +
                      '$states.context.Execution.Input.scheduledTime : $states.context.Execution.StartTime %}',
                  },
                ],
              },
            ],
          },
        },
        Assign: {
          exitCode: "{% ($code := $states.result.Containers[Name = 'app'].ExitCode; $exists($code) ? $code : -1) %}",
          cause: "the application's container did not exit with status 0",
        },
        Catch: [
          { ErrorEquals: ['States.Timeout'], Assign: { cause: 'the task took longer than 2h0m0s' }, Next: 'Find' },
          {
            ErrorEquals: ['States.ALL'],
            Assign: {
              exitCode:
                "{% ($task := $states.errorOutput.Cause; $code := $contains($task, '\"Containers\"') ? " +
                "$parse($task).Containers[Name = 'app'].ExitCode; $exists($code) ? $code : -1) %}",
              cause: '{% $substring($string($states.errorOutput), 0, 20000) %}',
            },
            Next: 'Judge',
          },
        ],
        Next: 'Judge',
      },
      Judge: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $exitCode = 0 %}', Next: 'Done' },
          { Condition: '{% $attempt <= 2 %}', Next: 'Wait' },
        ],
        Default: 'Failed',
      },
      Wait: {
        Type: 'Wait',
        Seconds: '{% 60 * $power(2, $attempt - 1) %}',
        Assign: { attempt: '{% $attempt + 1 %}' },
        Next: 'Run',
      },
      Find: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ecs:listTasks',
        Arguments: { Cluster: cluster, DesiredStatus: 'RUNNING', Family: service.task.family },
        Assign: { tasks: '{% $states.result.TaskArns %}' },
        Retry: retry,
        Catch: giveUp,
        Next: 'Describe',
      },
      Describe: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ecs:describeTasks',
        Arguments: { Cluster: cluster, Tasks: '{% [$tasks] %}' },
        Assign: {
          task:
            "{% $states.result.Tasks[Overrides.ContainerOverrides.Environment[Name = 'SCHEDULED_RUN'].Value = " +
            '$states.context.Execution.Id][0].TaskArn %}',
        },
        Retry: retry,
        Catch: giveUp,
        Next: 'Stop',
      },
      Stop: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ecs:stopTask',
        Arguments: { Cluster: cluster, Task: '{% $task %}', Reason: 'Its timeout' },
        Retry: retry,
        Catch: giveUp,
        Next: 'TimedOut',
      },
      TimedOut: { Type: 'Fail', Error: 'RunTimedOut', Cause: '{% $cause %}' },
      Failed: { Type: 'Fail', Error: 'RunFailed', Cause: '{% $cause %}' },
      Done: { Type: 'Succeed' },
    },
  };
}
