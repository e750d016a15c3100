import { Annotations, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { story } from './alarms';
import { newBucket } from './bucket';
import { newLogKey, publish, read, removal } from './contract';
import { type Environment, pascal, type Profile, stackName } from './environments';
import { logPolicy } from './logpolicy';
import { Network } from './network';

export const headerService = 'x-microservice';

/** What the services of an environment share. */
export class Platform extends Construct {
  private readonly name: string;
  private readonly logKey?: kms.IKey;

  constructor(scope: Construct, id: string, env: Environment) {
    super(scope, id);
    const { profile } = env;
    this.name = Stack.of(this).stackName;
    const { vpc, logKey } = new Network(scope, 'Network', env);
    this.logKey = logKey ?? (profile.encryptLogs ? newLogKey(this, profile.retain) : undefined);
    const { subnets } = vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, onePerAz: true });

    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: profile.insights ? ecs.ContainerInsights.ENABLED : ecs.ContainerInsights.DISABLED,
      defaultCloudMapNamespace: { name: this.name, type: servicediscovery.NamespaceType.HTTP, useForServiceConnect: true },
    });
    const linkSecurityGroup = new ec2.SecurityGroup(this, 'VpcLinkSecurityGroup', {
      vpc,
      description: 'Lets the VPC link of the API reach the load balancer',
      allowAllOutbound: false,
    });
    const securityGroup = new ec2.SecurityGroup(this, 'LoadBalancerSecurityGroup', {
      vpc,
      description: 'Lets the VPC link in, and requests out to the tasks',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.allTcp(), 'to the tasks, on their ports');
    const vpcLink = new apigatewayv2.VpcLink(this, 'VpcLink', {
      vpcLinkName: this.name,
      vpc,
      subnets: { subnets: subnets.slice(0, 2) },
      securityGroups: [linkSecurityGroup],
    });
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: { subnets },
      securityGroup,
      internetFacing: false,
      deletionProtection: profile.retain,
      dropInvalidHeaderFields: true,
      xffHeaderProcessingMode: elbv2.XffHeaderProcessingMode.REMOVE,
    });
    const listener = loadBalancer.addListener('Http', {
      port: 80,
      open: false,
      defaultAction: elbv2.ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: '{"message":"no such service"}',
      }),
    });
    securityGroup.connections.allowFrom(linkSecurityGroup, ec2.Port.tcp(80), 'from the VPC link');
    if (profile.auditLogs) this.addLogBucket(loadBalancer, profile);

    const api = new apigatewayv2.HttpApi(this, 'Api', {
      apiName: this.name,
      createDefaultStage: false,
      corsPreflight: corsPreflight(env.webOrigins),
    });
    new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 1000, burstLimit: 2000 },
      accessLogSettings: profile.auditLogs ? this.newAccessLogs(env) : undefined,
    });
    const rule = new elbv2.ApplicationListenerRule(this, 'PreflightRule', {
      listener,
      priority: 50000,
      conditions: [elbv2.ListenerCondition.httpHeader(headerService, ['_preflight'])],
      action: elbv2.ListenerAction.fixedResponse(204),
    });
    const preflight = newIntegration(this, 'Preflight', { api, listener, vpcLink }, '_preflight', clientAddress());
    preflight.node.addDependency(rule);
    const bus = this.newBus(profile);

    publish(this, 'ListenerArn', listener.listenerArn);
    subnets.forEach((subnet, i) => {
      publish(this, `AvailabilityZone${i + 1}`, subnet.availabilityZone);
      publish(this, `PrivateSubnetId${i + 1}`, subnet.subnetId);
    });
    publish(this, 'VpcId', vpc.vpcId);
    publish(this, 'VpcCidrBlock', vpc.vpcCidrBlock);
    publish(this, 'ClusterName', cluster.clusterName);
    publish(this, 'NamespaceArn', cluster.defaultCloudMapNamespace!.namespaceArn);
    publish(this, 'LoadBalancerFullName', loadBalancer.loadBalancerFullName);
    publish(this, 'LoadBalancerSecurityGroupId', securityGroup.securityGroupId);
    publish(this, 'VpcLinkId', vpcLink.vpcLinkId);
    publish(this, 'ApiId', api.apiId);
    publish(this, 'ApiEndpoint', api.apiEndpoint);
    publish(this, 'PreflightIntegrationId', preflight.integrationId);
    publish(this, 'EventBusName', bus.eventBusName);
    publish(this, 'EventBusArn', bus.eventBusArn);
    if (this.logKey) publish(this, 'LogKeyArn', this.logKey.keyArn);
    else publish(this, 'LogsHaveNoKey', 'true');
    if (profile.insights) publish(this, 'ContainerInsights', 'true');
  }

  private newLogGroup(scope: Construct, id: string, profile: Profile): logs.LogGroup {
    return new logs.LogGroup(scope, id, {
      retention: profile.logRetention,
      encryptionKey: this.logKey,
      removalPolicy: removal(profile.retain),
    });
  }

  /** The access logs of the load balancer, and of the buckets of services. */
  private addLogBucket(loadBalancer: elbv2.ApplicationLoadBalancer, profile: Profile): void {
    const { account } = Stack.of(this);
    const bucket = newBucket(this, 'LogBucket', profile, [
      { id: 'Expired', abortDays: 7, expireDays: profile.logRetention, previousDays: 30 },
    ]);
    const deliver = (sid: string, service: string, prefix: string, conditions?: Record<string, unknown>) =>
      bucket.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          principals: [new iam.ServicePrincipal(service)],
          actions: ['s3:PutObject'],
          resources: [bucket.arnForObjects(prefix)],
          conditions,
        }),
      );
    deliver('LoadBalancerLogs', 'logdelivery.elasticloadbalancing.amazonaws.com', `load-balancer/AWSLogs/${account}/*`);
    deliver('BucketLogs', 'logging.s3.amazonaws.com', 'buckets/*', { StringEquals: { 'aws:SourceAccount': account } });
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    loadBalancer.node.defaultChild!.node.addDependency(bucket.policy!);
    publish(this, 'LogBucketName', bucket.bucketName);
  }

  private newAccessLogs(env: Environment): apigatewayv2.IAccessLogSettings {
    const group = this.newLogGroup(this, 'AccessLogs', env.profile);
    this.addAlarms(env, group);
    return {
      destination: new apigatewayv2.LogGroupLogDestination(group),
      format: apigateway.AccessLogFormat.custom(
        JSON.stringify({
          clientAddress: '$context.identity.sourceIp',
          integrationError: '$context.integrationErrorMessage',
          latencyMillis: '$context.responseLatency',
          path: '$context.path',
          requestId: '$context.requestId',
          responseBytes: '$context.responseLength',
          route: '$context.routeKey',
          serviceMillis: '$context.integrationLatency',
          serviceStatus: '$context.integrationStatus',
          status: '$context.status',
          time: '$context.requestTime',
          user: '$context.authorizer.claims.sub',
          userAgent: '$context.identity.userAgent',
        }),
      ),
    };
  }

  private addAlarms(env: Environment, accessLogs: logs.LogGroup): void {
    const scope = new Construct(this, 'Alarms');
    const teams = stackName(env, 'Teams');
    const inform = read(teams, 'PlatformInformTopicArn');
    const page = read(teams, 'PlatformPageTopicArn');
    const refused = (id: string, statuses: string, threshold: number, topics: string[], meaning: string, look: [string, string, string]) => {
      new logs.CfnMetricFilter(scope, `${id}Filter`, {
        logGroupName: accessLogs.logGroupName,
        filterPattern: `{ ($.serviceStatus = "-") && ${statuses} }`,
        metricTransformations: [{ metricNamespace: this.name, metricName: id, metricValue: '1', unit: 'Count' }],
      });
      new cloudwatch.CfnAlarm(scope, id, {
        alarmDescription: story(`The API of ${this.name}`, 'platform', meaning, look),
        namespace: this.name,
        metricName: id,
        statistic: 'Sum',
        period: 300,
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        threshold,
        evaluationPeriods: 1,
        treatMissingData: 'notBreaching',
        alarmActions: topics,
        okActions: topics,
      });
    };
    refused(
      'UnauthorizedRequests',
      '(($.status = "401") || ($.status = "403"))',
      1000,
      [inform],
      'the API refuses many requests, whose tokens are missing, expired or wrong: someone is probing the API, or an application sends what it should not.',
      [
        'the access logs with status 401 or 403, by clientAddress and route.',
        'whether an application or the user pool was deployed.',
        'whether one address sends most of them: a rate limit stops it.',
      ],
    );
    refused(
      'ThrottledRequests',
      '($.status = "429")',
      100,
      [inform, page],
      'the API refuses requests above its throttle, of all clients of a route alike.',
      [
        'the access logs with status 429, by clientAddress and route.',
        'whether one address sends most of them: a rate limit stops it.',
        "Throttle of the platform, and the account's own limit, if the load is real.",
      ],
    );
  }

  private newBus(profile: Profile): events.EventBus {
    const bus = new events.EventBus(this, 'Bus', {
      eventBusName: this.name,
      logConfig: profile.auditLogs ? { level: events.Level.ERROR, includeDetail: events.IncludeDetail.NONE } : undefined,
    });
    if (profile.auditLogs) this.logErrorsOf(bus, profile);
    if (profile.archiveDays) {
      new events.CfnArchive(bus, 'Archive', {
        description: `The events of ${this.name}`,
        sourceArn: bus.eventBusArn,
        retentionDays: profile.archiveDays,
      });
    }
    return bus;
  }

  private logErrorsOf(bus: events.EventBus, profile: Profile): void {
    const { partition, region, account } = Stack.of(this);
    const scope = new Construct(bus, 'Errors');
    const group = this.newLogGroup(scope, 'Logs', profile);
    const policy = logPolicy(scope, 'LogPolicy', {
      group,
      service: 'delivery.logs.amazonaws.com',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      source: `arn:${partition}:logs:${region}:${account}:*`,
    });
    const name = `${this.name}-bus-errors`;
    const source = new logs.CfnDeliverySource(scope, 'Source', { name, logType: 'ERROR_LOGS', resourceArn: bus.eventBusArn });
    const destination = new logs.CfnDeliveryDestination(scope, 'Destination', {
      name,
      destinationResourceArn: `arn:${partition}:logs:${region}:${account}:log-group:${group.logGroupName}`,
    });
    const delivery = new logs.CfnDelivery(scope, 'Delivery', {
      deliverySourceName: source.ref,
      deliveryDestinationArn: destination.attrArn,
    });
    delivery.node.addDependency(policy);
  }
}

/** The platform as other stacks know it, by weak references to its outputs. Each part is imported when it is used first. */
export class ImportedPlatform extends Construct {
  private readonly stackName: string;
  private readonly parts: {
    vpc?: ec2.IVpc;
    cluster?: ecs.ICluster;
    listener?: elbv2.IApplicationListener;
    securityGroup?: ec2.ISecurityGroup;
    vpcLink?: apigatewayv2.IVpcLink;
    api?: apigatewayv2.IHttpApi;
    logKey?: kms.IKey;
  } = {};

  constructor(
    scope: Construct,
    private readonly env: Environment,
  ) {
    super(scope, 'Platform');
    this.stackName = env.platform ?? stackName(env, 'Platform');
  }

  /** An output of the platform's stack. */
  output(name: string): string {
    return read(this.stackName, name);
  }

  get vpc(): ec2.IVpc {
    return (this.parts.vpc ??= this.importVpc());
  }

  get cluster(): ecs.ICluster {
    return (this.parts.cluster ??= ecs.Cluster.fromClusterAttributes(this, 'Cluster', {
      vpc: this.vpc,
      clusterName: this.output('ClusterName'),
    }));
  }

  get listener(): elbv2.IApplicationListener {
    return (this.parts.listener ??= elbv2.ApplicationListener.fromApplicationListenerAttributes(this, 'Listener', {
      listenerArn: this.output('ListenerArn'),
      securityGroup: this.loadBalancerSecurityGroup,
    }));
  }

  get loadBalancerSecurityGroup(): ec2.ISecurityGroup {
    return (this.parts.securityGroup ??= ec2.SecurityGroup.fromSecurityGroupId(
      this,
      'LoadBalancerSecurityGroup',
      this.output('LoadBalancerSecurityGroupId'),
      { mutable: false },
    ));
  }

  get vpcLink(): apigatewayv2.IVpcLink {
    return (this.parts.vpcLink ??= apigatewayv2.VpcLink.fromVpcLinkAttributes(this, 'VpcLink', {
      vpc: this.vpc,
      vpcLinkId: this.output('VpcLinkId'),
    }));
  }

  get api(): apigatewayv2.IHttpApi {
    return (this.parts.api ??= apigatewayv2.HttpApi.fromHttpApiAttributes(this, 'Api', {
      httpApiId: this.output('ApiId'),
      apiEndpoint: this.output('ApiEndpoint'),
    }));
  }

  /** The key of the environment's logs. Where there is none, the stack requires that the platform has none. */
  get logKey(): kms.IKey | undefined {
    if (this.env.profile.encryptLogs) {
      this.parts.logKey ??= kms.Key.fromKeyArn(this, 'LogKey', this.output('LogKeyArn'));
    } else {
      this.require('LogsHaveNoKey');
    }
    return this.parts.logKey;
  }

  /** Has the deployment of the stack fail if the platform does not publish this output. */
  require(output: string): void {
    const stack = Stack.of(this);
    const name = pascal(this.stackName) + output;
    if (!stack.node.tryFindChild(name)) publish(stack, name, this.output(output));
  }

  private importVpc(): ec2.IVpc {
    const numbers = Array.from(this.env.zones.keys(), (n) => n + 1);
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: this.output('VpcId'),
      vpcCidrBlock: this.output('VpcCidrBlock'),
      availabilityZones: numbers.map((n) => this.output(`AvailabilityZone${n}`)),
      privateSubnetIds: numbers.map((n) => this.output(`PrivateSubnetId${n}`)),
    });
    Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', `the route tables are those of stack ${this.stackName}`);
    return vpc;
  }
}

/** What browsers may request from pages of other origins. */
function corsPreflight(allowOrigins: string[]): apigatewayv2.CorsPreflightOptions | undefined {
  if (allowOrigins.length === 0) return undefined;
  const { GET, HEAD, POST, PUT, PATCH, DELETE } = apigatewayv2.CorsHttpMethod;
  return {
    allowOrigins,
    allowMethods: [GET, HEAD, POST, PUT, PATCH, DELETE],
    allowHeaders: ['authorization', 'content-type'],
    allowCredentials: false,
  };
}

/** The mapping of a request's headers that each integration has. */
export const clientAddress = () =>
  new apigatewayv2.ParameterMapping().overwriteHeader('x-client-ip', apigatewayv2.MappingValue.contextVariable('identity.sourceIp'));

interface Routing {
  readonly api: apigatewayv2.IHttpApi;
  readonly listener: elbv2.IApplicationListener;
  readonly vpcLink: apigatewayv2.IVpcLink;
}

/** An integration that sends requests to the load balancer for a service. */
export function newIntegration(scope: Construct, id: string, { api, listener, vpcLink }: Routing, service: string, headers: apigatewayv2.ParameterMapping) {
  return new apigatewayv2.HttpIntegration(scope, id, {
    httpApi: api,
    integrationType: apigatewayv2.HttpIntegrationType.HTTP_PROXY,
    integrationUri: listener.listenerArn,
    method: apigatewayv2.HttpMethod.ANY,
    connectionType: apigatewayv2.HttpConnectionType.VPC_LINK,
    connectionId: vpcLink.vpcLinkId,
    payloadFormatVersion: apigatewayv2.PayloadFormatVersion.VERSION_1_0,
    parameterMapping: headers.overwriteHeader(headerService, apigatewayv2.MappingValue.custom(service)),
  });
}
