import { type App, Stack, Tags } from 'aws-cdk-lib';
import { type Environment, environments, kebab, stackName } from './environments';
import { Identity } from './identity';
import { Platform } from './platform';
import type { Service } from './services';
import { Teams } from './teams';

/** Defines the stacks that the context selects: of one environment, and of all services or of those that only names. */
export function define(app: App, services: Service[]): void {
  const name: string = app.node.tryGetContext('env') ?? 'sandbox';
  const only: string | undefined = app.node.tryGetContext('only');
  const env = environments[name];
  if (!env) throw new Error(`env must be one of ${Object.keys(environments).join(', ')}, got ${name}`);
  const shared = only ? [] : defineShared(app, env);
  const selected = only?.split(',');
  const stacks = new Map<string, Stack>();
  for (const { id, define } of services) {
    if (selected && !selected.includes(kebab(id))) continue;
    const stack = newStack(app, env, id, `The ${kebab(id)} service of the storefront`, shared);
    stacks.set(id, stack);
    define(stack, env);
  }
  for (const { id, calls = [] } of services) {
    for (const callee of calls) {
      const [stack, before] = [stacks.get(id), stacks.get(callee)];
      if (stack && before) stack.addStackDependency(before);
    }
  }
}

function defineShared(app: App, env: Environment): Stack[] {
  const add = (id: string, owner: string, description: string, before: Stack[], define: (stack: Stack) => void) => {
    const stack = newStack(app, env, id, description, before);
    Tags.of(stack).add('owner', owner);
    define(stack);
    return stack;
  };
  const teams =
    env.teams.length === 0
      ? []
      : [add('Teams', 'platform', "Who is notified of the storefront's alarms", [], (stack) => new Teams(stack, 'Teams', env))];
  const platform = add('Platform', 'platform', 'What the services of the storefront share', teams, (stack) => {
    new Platform(stack, 'Platform', env);
  });
  const identity = add('Identity', 'accounts', 'Who may call the services of the storefront', [platform], (stack) => {
    new Identity(stack, 'Identity', env);
  });
  return [...teams, platform, identity];
}

function newStack(app: App, env: Environment, id: string, description: string, before: Stack[]): Stack {
  const stack = new Stack(app, id, {
    stackName: stackName(env, id),
    description,
    env: { region: env.region },
    terminationProtection: env.profile.retain,
    tags: { environment: env.name },
  });
  Tags.of(stack).add('environment', env.name);
  for (const other of before) stack.addStackDependency(other);
  return stack;
}
