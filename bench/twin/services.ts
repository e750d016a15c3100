import { Duration, type Stack } from 'aws-cdk-lib';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import type { Environment } from './environments';
import * as events from './events';
import { ImportedUsers } from './identity';
import { Microservice } from './microservice';
import { Schedule } from './schedule';
import { ObjectStore, SearchDomain, Table } from './stores';

/** A service in a stack of its own. */
export interface Service {
  readonly id: string;
  /** The services whose stacks are deployed first. */
  readonly calls?: string[];
  define(stack: Stack, env: Environment): void;
}

const reading = ['GET', 'HEAD'];

/** The services of the storefront. */
export const services: Service[] = [
  {
    id: 'Photos',
    define(stack, env) {
      const photos = new Microservice(stack, 'Photos', {
        env,
        owner: 'media',
        cpu: 1024,
        memoryMiB: 2048,
        ephemeralStorageGiB: 50,
        writableRootFilesystem: true,
        routes: [
          { path: '/photos/{proxy+}', methods: reading, public: true },
          { path: '/photos/hidden', methods: reading },
          { path: '/photos/{proxy+}' },
        ],
        scaling: { max: 20, requestsPerTask: 10_000 },
      });
      photos.uses(
        new Table(photos, 'Metadata', {
          partitionKey: 'productId',
          sortKey: 'photoId',
          ttlAttribute: 'expiresAt',
          outbox: [events.photoUploaded],
        }),
      );
      photos.uses(new ObjectStore(photos, 'Originals', { prefix: 'uploads/', expireDays: 1 }));
    },
  },
  {
    id: 'Reviews',
    define(stack, env) {
      const reviews = new Microservice(stack, 'Reviews', {
        env,
        owner: 'community',
        routes: [
          { path: '/reviews/{proxy+}', methods: reading, public: true },
          { path: '/reviews/mine', methods: reading },
          { path: '/reviews/{proxy+}' },
        ],
        scaling: { cpuPercent: 60 },
      });
      reviews.uses(
        new Table(reviews, 'Reviews', {
          partitionKey: 'productId',
          sortKey: 'reviewId',
          index: { name: 'by-author', partitionKey: 'authorId', sortKey: 'reviewId' },
          ttlAttribute: 'expiresAt',
          outbox: [events.reviewPosted],
        }),
      );
    },
  },
  {
    id: 'Catalog',
    define(stack, env) {
      const catalog = new Microservice(stack, 'Catalog', {
        env,
        owner: 'merchandising',
        routes: [{ path: '/catalog/{proxy+}', methods: reading, public: true }, { path: '/catalog/{proxy+}' }],
        callable: true,
        scaling: { max: 20, cpuPercent: 60 },
      });
      catalog.uses(
        new Table(catalog, 'Products', {
          partitionKey: 'productId',
          index: { name: 'by-category', partitionKey: 'category', sortKey: 'productId' },
          ttlAttribute: 'expiresAt',
          outbox: [events.productChanged],
        }),
      );
      catalog.subscribes(events.orderPlaced);
    },
  },
  {
    id: 'Cart',
    calls: ['Catalog'],
    define: (stack, env) => defineCart(stack, env, 'Cart', events.cartCheckedOut),
  },
  {
    id: 'Orders',
    define(stack, env) {
      const orders = new Microservice(stack, 'Orders', {
        env,
        owner: 'checkout',
        routes: [{ path: '/orders/{proxy+}', methods: reading }],
        scaling: { cpuPercent: 60 },
      });
      orders.uses(
        new Table(orders, 'Orders', {
          partitionKey: 'userId',
          sortKey: 'orderId',
          ttlAttribute: 'expiresAt',
          outbox: [events.orderPlaced],
        }),
      );
      orders.subscribes(events.cartCheckedOut);
    },
  },
  {
    id: 'Recommendations',
    define(stack, env) {
      const recommendations = new Microservice(stack, 'Recommendations', {
        env,
        owner: 'personalization',
        cpu: 512,
        memoryMiB: 1024,
        routes: [{ path: '/recommendations/{proxy+}', methods: reading, public: true }],
        scaling: { cpuPercent: 60 },
      });
      recommendations.uses(
        new Table(recommendations, 'Scores', { partitionKey: 'productId', sortKey: 'relatedProductId', ttlAttribute: 'expiresAt' }),
      );
      recommendations.subscribes(events.orderPlaced, events.reviewPosted);
      new Schedule(recommendations, 'Rebuild', {
        expression: 'cron(30 3 * * ? *)',
        timeZone: 'Europe/Berlin',
        command: ['rebuild'],
        timeout: Duration.hours(2),
      });
    },
  },
  {
    id: 'Search',
    define(stack, env) {
      const search = new Microservice(stack, 'Search', {
        env,
        owner: 'discovery',
        cpu: 512,
        memoryMiB: 1024,
        routes: [{ path: '/search', methods: reading, public: true }],
        scaling: { max: 12, cpuPercent: 55 },
      });
      const indexer = new Microservice(stack, 'Indexer', {
        env,
        owner: 'discovery',
        image: 'search',
        command: ['index'],
        scaling: { max: 6, messagesPerTask: 600 },
      });
      const documents = new Table(search, 'Documents', {
        partitionKey: 'productId',
        sortKey: 'part',
        index: { name: 'by-change', partitionKey: 'kind', sortKey: { name: 'changedAt', type: AttributeType.NUMBER } },
      });
      search.uses(documents, 'read');
      indexer.uses(documents);
      if (env.name === 'production') {
        const index = new SearchDomain(search, 'Index');
        search.uses(index, 'read');
        indexer.uses(index);
      }
      indexer.subscribes(events.productChanged, events.reviewPosted);
    },
  },
  {
    id: 'Login',
    define(stack, env) {
      const login = new Microservice(stack, 'Login', {
        env,
        owner: 'accounts',
        routes: [{ path: '/login/{proxy+}', public: true }, { path: '/login/me' }],
        scaling: { requestsPerTask: 6000 },
      });
      login.uses(new Table(login, 'Profiles', { partitionKey: 'userId' }));
      login.uses(new ImportedUsers(stack, env));
      login.publishes(events.userRegistered);
    },
  },
];

/** Defines the cart, or a copy of it under another ID. */
export function defineCart(stack: Stack, env: Environment, id: string, checkedOut: events.DomainEvent, priority?: number): void {
  const cart = new Microservice(stack, id, {
    env,
    owner: 'checkout',
    image: 'cart',
    routes: [{ path: `/${id.toLowerCase()}/{proxy+}` }],
    scaling: { min: 2, max: 20, cpuPercent: 60, requestsPerTask: 8000 },
    priority,
  });
  cart.uses(
    new Table(cart, 'Items', { partitionKey: 'userId', sortKey: 'productId', ttlAttribute: 'expiresAt', outbox: [checkedOut] }),
  );
  cart.calls('catalog');
}
