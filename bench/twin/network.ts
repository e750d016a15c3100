import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnWaitCondition, CfnWaitConditionHandle, Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { newLogKey, removal } from './contract';
import type { Environment } from './environments';

const cidr = '10.0.0.0/16';
const maxZones = 6;
const signalTimeout = '900';
const natInstanceType = 't4g.nano';
const natInstanceImage = 'al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64';

/** The VPC of an environment. */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  readonly logKey?: kms.Key;

  constructor(scope: Construct, id: string, env: Environment) {
    super(scope, id);
    const { profile, zones } = env;
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(cidr),
      availabilityZones: [...zones], // the CDK appends the reserved ones to the list that it gets
      reservedAzs: maxZones - zones.length,
      natGateways: profile.natGateways ? zones.length : 0,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      ],
      gatewayEndpoints: {
        DynamoDB: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      },
      restrictDefaultSecurityGroup: false,
    });
    if (!profile.natGateways) this.addNatInstance();
    if (profile.auditLogs) {
      this.logKey = newLogKey(this, profile.retain);
      const group = new logs.LogGroup(this, 'FlowLogs', {
        retention: profile.logRetention,
        encryptionKey: this.logKey,
        removalPolicy: removal(profile.retain),
      });
      this.vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(group) });
    }
  }

  private addNatInstance(): void {
    const group = new ec2.SecurityGroup(this, 'NatSecurityGroup', {
      vpc: this.vpc,
      description: 'Lets the VPC reach the internet through the NAT instance',
    });
    group.addIngressRule(ec2.Peer.ipv4(cidr), ec2.Port.allTraffic(), 'all traffic from the VPC');

    const script = readFileSync(join(__dirname, '../../constructs/network/nat-instance.sh'), 'utf8');
    const userData = (url: string) => `#!/bin/bash\nvpc='${cidr}'\nsignal_url='${url}'\n${script}`;
    const hash = createHash('sha256').update(userData(signalTimeout) + natInstanceImage + natInstanceType).digest('hex');
    const scope = new Construct(this, `Nat${hash.slice(0, 8)}`);
    const signal = new CfnWaitConditionHandle(scope, 'Signal');
    const subnet = this.vpc.publicSubnets[0];
    const imageParameter = `/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/${natInstanceImage}/image_id`;
    const instance = new ec2.CfnInstance(scope, 'Instance', {
      imageId: ssm.StringParameter.valueForTypedStringParameterV2(this, imageParameter, ssm.ParameterValueType.AWS_EC2_IMAGE_ID),
      instanceType: natInstanceType,
      userData: Fn.base64(userData(signal.ref)),
      networkInterfaces: [
        { deviceIndex: '0', subnetId: subnet.subnetId, groupSet: [group.securityGroupId], associatePublicIpAddress: true },
      ],
      sourceDestCheck: false,
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { volumeType: 'gp3', encrypted: true } }],
      propagateTagsToVolumeOnCreation: true,
      tags: [{ key: 'Name', value: `${this.node.path}/NatInstance` }],
    });
    instance.node.addDependency(subnet.internetConnectivityEstablished);
    const ready = new CfnWaitCondition(scope, 'Ready', { handle: signal.ref, timeout: signalTimeout, count: 1 });
    ready.node.addDependency(instance);
    for (const subnet of this.vpc.privateSubnets) {
      const route = new ec2.CfnRoute(subnet as ec2.PrivateSubnet, 'DefaultRoute', {
        routeTableId: subnet.routeTable.routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        instanceId: instance.ref,
      });
      route.node.addDependency(ready);
    }
  }
}
