import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** The defaults of an environment. */
export interface Profile {
  readonly zones: number;
  readonly natGateways: boolean;
  readonly minTasks: number;
  readonly spot: boolean;
  /** The share of requests that a new version gets first, if it is deployed in two steps. */
  readonly canaryPercent?: number;
  readonly canaryBakeMinutes: number;
  readonly zoneRebalancing: boolean;
  readonly retain: boolean;
  readonly logRetention: RetentionDays;
  readonly encryptLogs: boolean;
  readonly insights: boolean;
  /** Flow logs of the network, access logs of the API and of the load balancer, errors of the bus. */
  readonly auditLogs: boolean;
  /** The events that the bus keeps for a replay. */
  readonly archiveDays?: number;
  readonly alarms: boolean;
}

const sandbox: Profile = {
  zones: 2,
  natGateways: false,
  minTasks: 1,
  spot: true,
  canaryBakeMinutes: 0,
  zoneRebalancing: false,
  retain: false,
  logRetention: RetentionDays.ONE_WEEK,
  encryptLogs: false,
  insights: false,
  auditLogs: false,
  alarms: false,
};

const production: Profile = {
  zones: 3,
  natGateways: true,
  minTasks: 2,
  spot: false,
  canaryPercent: 10,
  canaryBakeMinutes: 5,
  zoneRebalancing: true,
  retain: true,
  logRetention: RetentionDays.THREE_MONTHS,
  encryptLogs: true,
  insights: true,
  auditLogs: true,
  archiveDays: 14,
  alarms: true,
};

export interface Environment {
  readonly name: string;
  readonly region: string;
  readonly zones: string[];
  readonly profile: Profile;
  readonly webOrigins: string[];
  /** The stack of the platform, if it is another than that of the app. */
  readonly platform?: string;
  readonly teams: { readonly name: string; readonly email: string }[];
}

const owners = ['accounts', 'checkout', 'community', 'discovery', 'media', 'merchandising', 'personalization', 'platform'];

export const environments: Record<string, Environment> = {
  sandbox: {
    name: 'sandbox',
    region: 'us-east-2',
    zones: ['us-east-2a', 'us-east-2b'],
    profile: sandbox,
    webOrigins: ['http://127.0.0.1:8080', 'http://localhost:8080'],
    teams: [],
  },
  production: {
    name: 'production',
    region: 'eu-central-1',
    zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    profile: production,
    webOrigins: [],
    teams: owners.map((name) => ({ name, email: `${name}@example.com` })),
  },
};

export const kebab = (id: string) => id.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
export const screamingSnake = (id: string) => kebab(id).replaceAll('-', '_').toUpperCase();
export const pascal = (name: string) => name.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join('');

/** The name of the stack with this construct ID in an environment. */
export const stackName = (env: Environment, id: string) => `storefront-${env.name}-${kebab(id)}`;

export const image = (name: string) => `public.ecr.aws/storefront-cdk/${name}:0.1.0`;
