import { App } from 'aws-cdk-lib';
import { services } from './services';
import { define } from './stacks';

const app = new App();
define(app, services);
app.synth();
