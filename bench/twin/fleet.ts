import { App } from 'aws-cdk-lib';
import { defineCart, type Service } from './services';
import { define } from './stacks';

// The number of services of one platform, whose load balancer and API have quotas.
const ofPlatform = 40;

/** The cart as often as FLEET says, each under an ID of its own. Those after the first platform is full are on others, of other apps. */
const fleet: Service[] = Array.from({ length: Number(process.env.FLEET) }, (_, n) => {
  const id = `Cart${String(n + 1).padStart(4, '0')}`;
  const checkedOut = { source: `storefront.${id.toLowerCase()}`, type: 'CartCheckedOut' };
  const number = 1 + Math.floor(n / ofPlatform);
  return {
    id,
    define: (stack, env) => {
      const platform = number > 1 ? `storefront-${env.name}-platform-${number}` : undefined;
      defineCart(stack, { ...env, platform }, id, checkedOut, n + 1);
    },
  };
});

const app = new App({ treeMetadata: process.env.FLEET_TREE !== 'none' });
define(app, fleet);
app.synth();
