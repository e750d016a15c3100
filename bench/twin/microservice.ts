import { Duration, Names, Size, Stack, Tags } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as autoscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Alarm, backlogPerTask, queries, requestsPerTask, Watch } from './alarms';
import { publish, read, removal } from './contract';
import { type Environment, image, kebab, pascal, screamingSnake, stackName } from './environments';
import type { DomainEvent } from './events';
import { clientAddress, headerService, ImportedPlatform, newIntegration } from './platform';
import { Subscription } from './queues';
import type { Consumer, Store } from './stores';

const port = 8080;
/** Where the proxy of a task takes the requests of other services. */
const proxyPort = 18080;

interface Route {
  readonly path: string;
  /** If not set, all. */
  readonly methods?: string[];
  readonly public?: boolean;
}

interface Scaling {
  readonly min?: number;
  readonly max?: number;
  readonly cpuPercent?: number;
  readonly requestsPerTask?: number;
  readonly messagesPerTask?: number;
}

export interface MicroserviceProps {
  readonly env: Environment;
  readonly owner: string;
  readonly image?: string;
  readonly command?: string[];
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly ephemeralStorageGiB?: number;
  readonly writableRootFilesystem?: boolean;
  /** A service without routes is a worker. */
  readonly routes?: Route[];
  readonly scaling?: Scaling;
  readonly priority?: number;
  /** Whether other services call this one. */
  readonly callable?: boolean;
}

/** One service with one job: a Fargate service with its own stores, routes and scaling. */
export class Microservice extends Construct implements Consumer {
  readonly env: Environment;
  readonly name: string;
  readonly platform: ImportedPlatform;
  readonly task: ecs.FargateTaskDefinition;
  readonly container: ecs.ContainerDefinition;
  readonly securityGroup: ec2.SecurityGroup;
  readonly service: ecs.FargateService;
  private readonly logGroup: logs.LogGroup;
  private readonly targetGroups: elbv2.ApplicationTargetGroup[];
  private readonly alarms?: Watch;
  private scalable?: autoscaling.ScalableTarget;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MicroserviceProps,
  ) {
    super(scope, id);
    const { env, owner, routes = [] } = props;
    const { profile } = env;
    this.env = env;
    this.name = kebab(id);
    this.node.setContext('@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm', false);
    this.platform = new ImportedPlatform(this, env);
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: profile.logRetention,
      encryptionKey: this.platform.logKey,
      removalPolicy: removal(profile.retain),
    });
    this.task = this.newTask();
    this.container = this.newContainer();
    this.securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.platform.vpc,
      description: 'The tasks of one microservice',
    });
    const groups = routes.length === 0 ? [] : profile.canaryPercent ? ['Target', 'AlternateTarget'] : ['Target'];
    this.targetGroups = groups.map((group) => this.newTargetGroup(group));
    if (profile.alarms) this.alarms = this.newWatch();
    this.service = this.newService();
    this.addProxy();
    if (profile.insights) this.platform.require('ContainerInsights');
    this.alarms?.addService(this.service, this.platform.cluster.clusterName, this.minTasks, profile.insights);
    if (routes.length > 0) this.addRoutes(routes);
    else this.cfnService.addPropertyOverride('LoadBalancers', []);
    this.addScaling();
    Tags.of(this).add('service', this.name);
    Tags.of(this).add('owner', owner);
  }

  get grantPrincipal(): iam.IPrincipal {
    return this.task.taskRole.grantPrincipal;
  }

  get connections(): ec2.Connections {
    return this.securityGroup.connections;
  }

  /** Lets the service use a store: permissions, network, environment variables, alarms. */
  uses(store: Store, access: 'read' | 'read-write' = 'read-write'): void {
    const { variables, alarms = [] } = store.bind(this, access);
    for (const name of Object.keys(variables).sort()) this.container.addEnvironment(name, variables[name]);
    this.watch(alarms);
  }

  /** Lets the service call another one, which is in a stack of its own. */
  calls(callee: string): void {
    const stack = stackName(this.env, callee);
    const scope = new Construct(this, 'Calls');
    this.service.node.addDependency(scope);
    new ec2.CfnSecurityGroupIngress(scope, callee, {
      description: 'from a service that calls this one',
      groupId: read(stack, 'ServiceSecurityGroupId'),
      sourceSecurityGroupId: this.securityGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: read(stack, 'ServicePort') as unknown as number,
      toPort: read(stack, 'ServicePort') as unknown as number,
    });
    if (!this.props.callable) this.cfnService.serviceConnectConfiguration = this.proxy();
    this.container.addEnvironment(`${screamingSnake(callee)}_URL`, read(stack, 'ServiceUrl'));
  }

  /** Lets the service publish these events. */
  publishes(...published: DomainEvent[]): void {
    for (const { source, type } of published) {
      iam.Grant.addToPrincipal({
        grantee: this,
        actions: ['events:PutEvents'],
        resourceArns: [this.platform.output('EventBusArn')],
        conditions: { StringEquals: { 'events:detail-type': type, 'events:source': source } },
      });
    }
    this.container.addEnvironment('EVENT_BUS_NAME', this.platform.output('EventBusName'));
  }

  /** Has the bus send these events to a queue of the service. */
  subscribes(...events: DomainEvent[]): void {
    const subscription = new Subscription(this, 'Events', this.platform.output('EventBusName'), this.env.profile);
    subscription.add(events);
    this.uses(subscription);
    const { messagesPerTask } = this.props.scaling ?? {};
    if (messagesPerTask) {
      const { clusterName } = this.platform.cluster;
      this.trackMetric('Backlog', messagesPerTask, backlogPerTask(subscription.queue.queueName, clusterName, this.service.serviceName));
    }
  }

  /** Adds alarms to those of the service. */
  watch(alarms: Alarm[]): void {
    for (const alarm of alarms) this.alarms?.add(alarm);
  }

  private get cfnService(): ecs.CfnService {
    return this.service.node.findChild('Service') as ecs.CfnService;
  }

  private get minTasks(): number {
    return this.props.scaling?.min ?? this.env.profile.minTasks;
  }

  private newTask(): ecs.FargateTaskDefinition {
    const { cpu = 256, memoryMiB = 2 * cpu, ephemeralStorageGiB } = this.props;
    const { partition, region, account } = Stack.of(this);
    const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
        StringEquals: { 'aws:SourceAccount': account },
      },
    });
    return new ecs.FargateTaskDefinition(this, 'Task', {
      taskRole: new iam.Role(this, 'TaskRole', { assumedBy }),
      executionRole: new iam.Role(this, 'ExecutionRole', { assumedBy }),
      cpu,
      memoryLimitMiB: memoryMiB,
      ephemeralStorageGiB,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
  }

  private newContainer(): ecs.ContainerDefinition {
    const { callable, command, ephemeralStorageGiB, writableRootFilesystem = false } = this.props;
    const linuxParameters = new ecs.LinuxParameters(this, 'Linux', { initProcessEnabled: true });
    if (!ephemeralStorageGiB || !writableRootFilesystem) linuxParameters.addTmpfs({ containerPath: '/tmp', size: 64 });
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    return this.task.addContainer('app', {
      image: ecs.ContainerImage.fromRegistry(image(this.props.image ?? this.name)),
      command,
      portMappings: [callable ? { containerPort: port, name: 'calls', appProtocol: ecs.AppProtocol.http } : { containerPort: port }],
      environment: { PORT: `${port}`, SERVICE_NAME: this.name },
      linuxParameters,
      logging: ecs.LogDrivers.awsLogs({
        logGroup: this.logGroup,
        streamPrefix: this.name,
        mode: ecs.AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(25),
      }),
      readonlyRootFilesystem: !writableRootFilesystem,
      stopTimeout: Duration.seconds(30),
      user: '65532:65532',
    });
  }

  private newTargetGroup(id: string): elbv2.ApplicationTargetGroup {
    return new elbv2.ApplicationTargetGroup(this, id, {
      vpc: this.platform.vpc,
      port: 80, // ECS registers each task with the port of its container
      protocol: elbv2.ApplicationProtocol.HTTP,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: Duration.seconds(20),
      loadBalancingAlgorithmType: elbv2.TargetGroupLoadBalancingAlgorithmType.ROUND_ROBIN,
      slowStart: Duration.seconds(0),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
  }

  private newWatch(): Watch {
    const { env, owner } = this.props;
    const teams = stackName(env, 'Teams');
    return new Watch(this, 'Alarms', {
      service: this.name,
      owner,
      loadBalancer: this.platform.output('LoadBalancerFullName'),
      groups: this.targetGroups.map(({ targetGroupFullName }) => targetGroupFullName),
      pageTopicArn: read(teams, `${pascal(owner)}PageTopicArn`),
      informTopicArn: read(teams, `${pascal(owner)}InformTopicArn`),
    });
  }

  private newService(): ecs.FargateService {
    const { profile } = this.env;
    const routed = this.targetGroups.length > 0;
    const canary = routed && profile.canaryPercent;
    const rollback = this.alarms?.rollback;
    const service = new ecs.FargateService(this, 'Service', {
      cluster: this.platform.cluster,
      taskDefinition: this.task,
      securityGroups: [this.securityGroup],
      assignPublicIp: false,
      capacityProviderStrategies: profile.spot
        ? [
            { capacityProvider: 'FARGATE', base: 1, weight: 0 },
            { capacityProvider: 'FARGATE_SPOT', weight: 1 },
          ]
        : [{ capacityProvider: 'FARGATE', weight: 1 }],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      deploymentController: { type: ecs.DeploymentControllerType.ECS },
      enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableExecuteCommand: false,
      availabilityZoneRebalancing: profile.zoneRebalancing
        ? ecs.AvailabilityZoneRebalancing.ENABLED
        : ecs.AvailabilityZoneRebalancing.DISABLED,
      healthCheckGracePeriod: routed ? Duration.seconds(30) : undefined,
      deploymentAlarms: rollback?.names.length
        ? { alarmNames: rollback.names, behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM }
        : undefined,
      deploymentStrategy: canary ? ecs.DeploymentStrategy.CANARY : ecs.DeploymentStrategy.ROLLING,
      canaryConfiguration: canary
        ? { stepPercent: canary, stepBakeTime: Duration.minutes(profile.canaryBakeMinutes) }
        : undefined,
      bakeTime: canary ? Duration.minutes(profile.canaryBakeMinutes) : undefined,
    });
    service.node.addDependency(this.task.executionRole!, this.securityGroup);
    if (rollback?.names.length) service.node.addDependency(rollback.scope);
    return service;
  }

  /** Turns Service Connect on if the service is called, and off, explicitly, if it is not. */
  private addProxy(): void {
    if (!this.props.callable) {
      this.cfnService.serviceConnectConfiguration = { enabled: false };
      return;
    }
    this.cfnService.serviceConnectConfiguration = {
      ...this.proxy(),
      services: [
        {
          portName: 'calls',
          discoveryName: this.name,
          ingressPortOverride: proxyPort,
          clientAliases: [{ dnsName: this.name, port: 80 }],
          timeout: { idleTimeoutSeconds: 300, perRequestTimeoutSeconds: 10 },
        },
      ],
    };
    publish(this, 'ServiceSecurityGroupId', this.securityGroup.securityGroupId);
    publish(this, 'ServicePort', `${proxyPort}`);
    publish(this, 'ServiceUrl', `http://${this.name}`);
  }

  private proxy(): ecs.CfnService.ServiceConnectConfigurationProperty {
    return {
      enabled: true,
      namespace: this.platform.output('NamespaceArn'),
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': this.logGroup.logGroupName,
          'awslogs-region': Stack.of(this).region,
          'awslogs-stream-prefix': 'proxy',
          'max-buffer-size': '25m',
          mode: 'non-blocking',
        },
      },
      accessLogConfiguration: this.env.profile.auditLogs ? { format: 'JSON', includeQueryParameters: 'DISABLED' } : undefined,
    };
  }

  private addRoutes(routes: Route[]): void {
    const { api, listener } = this.platform;
    const [target, alternate] = this.targetGroups;
    const rule = new elbv2.ApplicationListenerRule(this, 'Rule', {
      listener,
      priority: this.props.priority ?? priorityOf(this.name),
      conditions: [elbv2.ListenerCondition.httpHeader(headerService, [this.name])],
      action: alternate
        ? elbv2.ListenerAction.weightedForward([
            { targetGroup: target, weight: 100 },
            { targetGroup: alternate, weight: 0 },
          ])
        : elbv2.ListenerAction.forward([target]),
    });
    target.addTarget(
      this.service.loadBalancerTarget({
        containerName: this.container.containerName,
        containerPort: port,
        alternateTarget: alternate && this.newAlternateTarget(rule, target, alternate),
      }),
    );

    const scope = new Construct(this, 'Routes');
    const integrations = new Map<boolean, string>();
    const integrationFor = (isPublic: boolean): string => {
      const known = integrations.get(isPublic);
      if (known) return known;
      const integration = this.newIntegration(isPublic);
      integration.node.addDependency(rule);
      integrations.set(isPublic, integration.integrationId);
      return integration.integrationId;
    };
    const authorizerId = read(stackName(this.env, 'Identity'), 'AuthorizerId');
    const define = (routeKey: string, integrationId: string, isPublic: boolean) => {
      const route = new apigatewayv2.CfnRoute(scope, routeKey.replaceAll('/', '|').replace(/\{[^}+]*/g, '{'), {
        apiId: api.apiId,
        routeKey,
        target: `integrations/${integrationId}`,
        ...(isPublic ? { authorizationType: 'NONE' } : { authorizationType: 'JWT', authorizerId }),
      });
      if (!isPublic) route.addPropertyOverride('AuthorizationScopes', []);
    };
    const all = endpoints(routes);
    for (const { key, isPublic } of all) define(key, integrationFor(isPublic), isPublic);
    const preflight = this.platform.output('PreflightIntegrationId');
    for (const { path } of all.filter(({ method }) => method === 'ANY')) define(`OPTIONS ${path}`, preflight, true);
  }

  private newIntegration(isPublic: boolean): apigatewayv2.HttpIntegration {
    const headers = isPublic
      ? clientAddress().removeHeader('x-user-id')
      : clientAddress().overwriteHeader('x-user-id', apigatewayv2.MappingValue.contextVariable('authorizer.claims.sub'));
    return newIntegration(this, isPublic ? 'Public' : 'SignedIn', this.platform, this.name, headers);
  }

  private newAlternateTarget(
    rule: elbv2.ApplicationListenerRule,
    target: elbv2.ApplicationTargetGroup,
    alternate: elbv2.ApplicationTargetGroup,
  ): ecs.AlternateTarget {
    const allow = (resources: string[], ...actions: string[]) => new iam.PolicyStatement({ actions, resources });
    const role = new iam.Role(this, 'TrafficRole', {
      description: `Lets ECS shift traffic from one version of ${this.name} to the next`,
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      inlinePolicies: {
        Traffic: new iam.PolicyDocument({
          statements: [
            allow(
              ['*'],
              'elasticloadbalancing:DescribeListeners',
              'elasticloadbalancing:DescribeRules',
              'elasticloadbalancing:DescribeTargetGroups',
              'elasticloadbalancing:DescribeTargetHealth',
            ),
            allow(
              [target.targetGroupArn, alternate.targetGroupArn],
              'elasticloadbalancing:DeregisterTargets',
              'elasticloadbalancing:RegisterTargets',
            ),
            allow([rule.listenerRuleArn], 'elasticloadbalancing:ModifyRule'),
          ],
        }),
      },
    });
    return new ecs.AlternateTarget('Alternate', {
      alternateTargetGroup: alternate,
      productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
      role,
    });
  }

  private addScaling(): void {
    const { max = 5 * this.minTasks, cpuPercent, requestsPerTask: requests } = this.props.scaling ?? {};
    const { partition, account } = Stack.of(this);
    const { clusterName } = this.platform.cluster;
    this.scalable = new autoscaling.ScalableTarget(this, 'Scaling', {
      serviceNamespace: autoscaling.ServiceNamespace.ECS,
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${clusterName}/${this.service.serviceName}`,
      minCapacity: this.minTasks,
      maxCapacity: max,
      role: iam.Role.fromRoleArn(
        this,
        'ScalingRole',
        `arn:${partition}:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      ),
    });
    if (cpuPercent) this.track('CPU', cpuPercent, autoscaling.PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION);
    if (!requests) return;
    const loadBalancer = this.platform.output('LoadBalancerFullName');
    const [group, alternate] = this.targetGroups.map(({ targetGroupFullName }) => targetGroupFullName);
    if (alternate) this.trackMetric('Requests', requests, requestsPerTask(loadBalancer, [group, alternate]));
    else this.track('Requests', requests, autoscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET, `${loadBalancer}/${group}`);
  }

  private track(id: string, targetValue: number, predefinedMetric: autoscaling.PredefinedMetric, resourceLabel?: string): void {
    this.scalable!.scaleToTrackMetric(id, {
      predefinedMetric,
      resourceLabel,
      targetValue,
      scaleInCooldown: Duration.minutes(5),
      scaleOutCooldown: Duration.minutes(1),
    });
  }

  /** Tracks an expression, which the L2 refuses. */
  private trackMetric(id: string, targetValue: number, metric: Parameters<typeof queries>[0]): void {
    const scope = new Construct(this.scalable!, id);
    new autoscaling.CfnScalingPolicy(scope, 'Resource', {
      policyName: Names.uniqueId(scope),
      scalingTargetId: this.scalable!.scalableTargetId,
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        customizedMetricSpecification: {
          metrics: queries(metric) as autoscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty[],
        },
        targetValue,
        scaleInCooldown: 300,
        scaleOutCooldown: 60,
      },
    });
  }
}

interface Endpoint {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
}

/** The routes by method, and greedy paths also without their last segment. */
function endpoints(routes: Route[]): Endpoint[] {
  const all = new Map<string, Endpoint>();
  const add = (route: Route, path: string) => {
    for (const method of route.methods ?? ['ANY']) {
      const key = `${method} ${path}`;
      if (!all.has(key)) all.set(key, { key, method, path, isPublic: route.public ?? false });
    }
  };
  for (const route of routes) add(route, route.path);
  for (const route of routes) if (route.path.endsWith('+}')) add(route, route.path.slice(0, route.path.lastIndexOf('/')));
  return [...all.values()];
}

/** The same for a name everywhere and always: FNV-1a over the priorities that a listener has. */
function priorityOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash % 49999) + 1;
}
