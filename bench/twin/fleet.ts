import { App } from 'aws-cdk-lib';
import { defineCart, type Service } from './services';
import { define } from './stacks';

/** The cart as often as FLEET says, each under an ID of its own. */
const fleet: Service[] = Array.from({ length: Number(process.env.FLEET) }, (_, n) => {
  const id = `Cart${String(n + 1).padStart(4, '0')}`;
  const checkedOut = { source: `storefront.${id.toLowerCase()}`, type: 'CartCheckedOut' };
  return { id, define: (stack, env) => defineCart(stack, env, id, checkedOut, n + 1) };
});

const app = new App({ treeMetadata: process.env.FLEET_TREE !== 'none' });
define(app, fleet);
app.synth();
