// A shop in memory for development and tests of the page, with the answers of all services. Each answer and each request of the page
// is checked against the service's OpenAPI file, so that a fixture cannot answer what a service does not.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Operation, operation, wrongAnswer, wrongRequest } from "./contract.ts";
import { opinions, photographer, products } from "./products.ts";

const dist = join(import.meta.dirname, "../dist");
const photos = process.env.PHOTOS;

type Line = { productId: string; quantity: number };
type Review = {
  reviewId: string;
  productId: string;
  author: string;
  version: number;
  stars: number;
  title: string;
  text: string;
  authorName?: string;
  postedAt: string;
  editedAt?: string;
};
type Placed = {
  orderId: string;
  checkoutId: string;
  lines: { productId: string; name: string; quantity: number; unitPrice: Money }[];
  total: Money;
  state: string;
  placedAt: string;
};
type Money = { amount: number; currency: string };
type User = {
  userId: string;
  email: string;
  password: string;
  name: string;
  registeredAt: string;
  cart: Line[];
  orders: Placed[];
  checkouts: Map<string, { checkoutId: string; total: Money }>;
};
type Upload = {
  photoId: string;
  productId: string;
  alt?: string;
  approved: boolean;
  uploadedAt: string;
  bytes?: Buffer;
};

/** An answer that is a problem. */
class Problem extends Error {
  status: number;
  pointer: string;
  constructor(status: number, detail: string, pointer = "") {
    super(detail);
    this.status = status;
    this.pointer = pointer;
  }
}

type Call = {
  query: URLSearchParams;
  parameters: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
  user: () => User;
};
type Answer = { status?: number; body?: unknown; bytes?: Buffer | string; type?: string };

export type Fixture = {
  url: string;
  /** Services that do not answer. */
  down: Set<string>;
  /** Operations, such as "get /reviews/{productId}", whose next answer is to repeat the request in a second. */
  busy: Set<string>;
  /** What was asked or answered against an OpenAPI file. A test that ends with any has failed. */
  wrong: string[];
  close: () => Promise<void>;
};

export async function start(port = 0): Promise<Fixture> {
  const down = new Set<string>();
  const requests: Record<string, number> = {};
  const busy = new Set<string>();
  const wrong: string[] = [];
  const users = new Map<string, User>();
  const codes = new Map<string, string>();
  const uploads: Upload[] = [];
  const reviews: Review[] = seedReviews();
  const store = await listen(
    createServer((request, response) => void storePhoto(request, response)),
    0,
  );
  let storeUrl = "";

  function addUser(email: string, password: string, name: string): User {
    const user: User = {
      userId: randomUUID(),
      email,
      password,
      name,
      registeredAt: new Date().toISOString(),
      cart: [],
      orders: [],
      checkouts: new Map(),
    };
    users.set(email, user);
    return user;
  }
  addUser("ada@example.com", "Storefront-2026!", "Ada");
  addUser("operator@example.com", "Storefront-2026!", "Olivia");

  const session = (user: User) => {
    const payload = Buffer.from(JSON.stringify({ sub: user.userId })).toString("base64url");
    return {
      idToken: `e30.${payload}.fixture`,
      accessToken: `e30.${payload}.fixture`,
      refreshToken: user.userId,
      expiresIn: 3600,
    };
  };
  const find = (productId: string) => {
    const product = products.find((candidate) => candidate.productId === productId);
    if (!product) throw new Problem(404, `There is no product ${productId}.`);
    return product;
  };
  const summary = (productId: string) => {
    const histogram = [0, 0, 0, 0, 0];
    for (const review of reviews)
      if (review.productId === productId) histogram[review.stars - 1] = (histogram[review.stars - 1] ?? 0) + 1;
    const count = histogram.reduce((sum, n) => sum + n, 0);
    const sum = histogram.reduce((sum, n, i) => sum + n * (i + 1), 0);
    return { productId, count, average: count ? sum / count : 0, histogram };
  };
  const page = <T>(all: T[], query: URLSearchParams) => {
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit") ?? 20);
    return { items: all.slice(from, to), ...(to < all.length && { nextCursor: String(to) }) };
  };
  /** A photo as the service shows it, with paths at the API or URLs of the store. */
  const uploaded = ({ productId, photoId, alt, approved, uploadedAt }: Upload) => ({
    productId,
    photoId,
    state: approved ? "approved" : "hidden",
    ...(alt && { alt }),
    sizes: sizes((size) => (approved ? `/photos/${productId}/${photoId}/${size}` : `${storeUrl}${photoId}`)),
    uploadedAt,
  });
  const operator = (user: User) => {
    if (user.email !== "operator@example.com")
      throw new Problem(403, "Only an administrator of the photos may do this.");
  };
  const uploadOf = ({ photoId }: Record<string, string>) => {
    const upload = uploads.find((candidate) => candidate.photoId === photoId && candidate.bytes);
    if (!upload) throw new Problem(404, `There is no photo ${photoId}.`);
    return upload;
  };
  const shown = ({ photo: _, ...product }: (typeof products)[number]) => product;
  const written = ({ author: _, ...review }: Review) => review;

  const operations: Record<string, (call: Call) => Answer> = {
    "get /catalog/products": ({ query }) => {
      const category = query.get("category");
      return { body: page(products.filter((product) => !category || product.category === category).map(shown), query) };
    },
    "get /catalog/products/{productId}": ({ parameters }) => ({ body: shown(find(parameters.productId ?? "")) }),
    "get /catalog/categories": () => {
      const names = [...new Set(products.map(({ category }) => category))].sort();
      return {
        body: {
          items: names.map((name) => ({ name, products: products.filter(({ category }) => category === name).length })),
        },
      };
    },
    "get /catalog/prices": ({ query }) => {
      const asked = query.getAll("productId");
      return {
        body: {
          items: products
            .filter(({ productId }) => asked.includes(productId))
            .map(({ productId, name, price, stock }) => ({ productId, name, price, stock })),
        },
      };
    },
    "get /search": ({ query }) => ({ body: search(query, summary) }),
    "get /recommendations/{productId}": ({ parameters }) => {
      const at = products.findIndex(({ productId }) => productId === parameters.productId);
      const items = [3, 7, 11, 16, 21, 25, 28].map((step, i) => ({
        productId: products[(at + step) % products.length]?.productId,
        score: 0.9 - i / 10,
      }));
      return { body: { items: at < 0 ? [] : items } };
    },
    "get /recommendations/liked": () => ({
      body: { items: products.slice(4, 12).map(({ productId }, i) => ({ productId, score: 0.9 - i / 10 })) },
    }),
    "get /photos/{productId}": ({ parameters }) => {
      const product = products.find(({ productId }) => productId === parameters.productId);
      const all = product
        ? [
            product.photo,
            ...(product.productId === "bonsai-tree"
              ? ["alex-rodriguez-santibanez-200278-unsplash.jpg", "zoltan-kovacs-642412-unsplash.jpg"]
              : []),
          ]
        : [];
      const items = all.map((file) => {
        const photoId = file.replace(/\.jpg$/, "");
        return {
          productId: parameters.productId,
          photoId,
          state: "approved",
          alt: product?.name,
          credit: photographer(file),
          sizes: sizes((size) => `/photos/${parameters.productId}/${photoId}/${size}`),
          uploadedAt: "2026-11-01T09:00:00Z",
        };
      });
      const sent = uploads.filter(({ productId, approved }) => approved && productId === parameters.productId);
      return { body: { items: [...items, ...sent.map(uploaded)] } };
    },
    "get /photos/{productId}/{photoId}/{size}": ({ parameters }) => {
      const sent = uploads.find(({ photoId }) => photoId === parameters.photoId);
      if (sent?.bytes) return { bytes: sent.bytes, type: "image/jpeg" };
      const file = photos && join(photos, `${parameters.photoId?.replace(/[^a-z0-9-]/g, "")}.jpg`);
      if (file && existsSync(file)) return { bytes: readFileSync(file), type: "image/jpeg" };
      return { bytes: drawing(parameters.photoId ?? ""), type: "image/svg+xml" };
    },
    "get /photos/hidden": ({ query, user }) => {
      operator(user());
      return { body: page(uploads.filter(({ approved, bytes }) => bytes && !approved).map(uploaded), query) };
    },
    "post /photos/{productId}": ({ user, parameters, body }) => {
      user();
      const photoId = randomUUID();
      const alt = body.alt ? { alt: String(body.alt) } : {};
      const uploadedAt = new Date().toISOString();
      uploads.push({ photoId, productId: parameters.productId ?? "", ...alt, approved: false, uploadedAt });
      return {
        status: 201,
        body: {
          photoId,
          url: storeUrl,
          fields: { key: photoId },
          maxBytes: 20_000_000,
          expiresAt: new Date(Date.now() + 600_000).toISOString(),
        },
      };
    },
    "post /photos/{productId}/{photoId}/complete": ({ user, parameters }) => {
      user();
      return { body: uploaded(uploadOf(parameters)) };
    },
    "post /photos/{productId}/{photoId}/approve": ({ user, parameters }) => {
      operator(user());
      return { body: uploaded(Object.assign(uploadOf(parameters), { approved: true })) };
    },
    "delete /photos/{productId}/{photoId}": ({ user, parameters }) => {
      operator(user());
      uploads.splice(uploads.indexOf(uploadOf(parameters)), 1);
      return { status: 204 };
    },
    "get /reviews/mine": ({ user, query }) => {
      const asked = query.get("productId");
      return {
        body: page(
          reviews
            .filter(({ author, productId }) => author === user().userId && (!asked || asked === productId))
            .map(written),
          query,
        ),
      };
    },
    "get /reviews/{productId}": ({ parameters, query }) => ({
      body: page(reviews.filter(({ productId }) => productId === parameters.productId).map(written), query),
    }),
    "get /reviews/{productId}/summary": ({ parameters }) => ({ body: summary(parameters.productId ?? "") }),
    "put /reviews/{productId}": ({ parameters, body, user }) => {
      const { userId } = user();
      const { productId = "" } = parameters;
      const before = reviews.find((review) => review.author === userId && review.productId === productId);
      const opinion = { title: "", text: "", ...body } as Pick<Review, "stars" | "title" | "text">;
      if (before)
        return {
          body: written(
            Object.assign(before, opinion, { version: before.version + 1, editedAt: new Date().toISOString() }),
          ),
        };
      const review = {
        reviewId: randomUUID(),
        productId,
        author: userId,
        version: 1,
        postedAt: new Date().toISOString(),
        ...opinion,
      };
      reviews.unshift(review);
      return { status: 201, body: written(review) };
    },
    "delete /reviews/{productId}": ({ parameters, user }) => {
      const at = reviews.findIndex(
        ({ author, productId }) => author === user().userId && productId === parameters.productId,
      );
      if (at >= 0) reviews.splice(at, 1);
      return { status: 204 };
    },
    "get /cart/items": ({ user }) => ({ body: { items: user().cart.map(line) } }),
    "put /cart/items/{productId}": ({ parameters, body, user }) => {
      const { productId = "" } = parameters;
      const cart = user().cart;
      const there = cart.find((line) => line.productId === productId);
      const quantity = Number(body.quantity);
      if (there) there.quantity = quantity;
      else cart.push({ productId, quantity });
      return { body: line({ productId, quantity }) };
    },
    "delete /cart/items/{productId}": ({ parameters, user }) => {
      user().cart = user().cart.filter(({ productId }) => productId !== parameters.productId);
      return { status: 204 };
    },
    "post /cart/merge": ({ body, user }) => {
      for (const { productId, quantity } of body.items as Line[]) {
        const there = user().cart.find((line) => line.productId === productId);
        if (there) there.quantity = Math.max(there.quantity, quantity);
        else user().cart.push({ productId, quantity });
      }
      return { body: { items: user().cart.map(line) } };
    },
    "post /cart/checkout": ({ headers, body, user }) => {
      const customer = user();
      const key = String(headers["idempotency-key"]);
      const before = customer.checkouts.get(key);
      if (before) return { body: before };
      if (customer.cart.length === 0) throw new Problem(409, "The cart is empty.");
      const lines = customer.cart.map(({ productId, quantity }) => ({
        productId,
        name: find(productId).name,
        quantity,
        unitPrice: find(productId).price,
      }));
      const total = {
        amount: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
        currency: "EUR",
      };
      const agreed = (body.total as Money | undefined)?.amount ?? total.amount;
      if (agreed !== total.amount) throw new Problem(409, "The prices have changed.");
      const checkout = { checkoutId: randomUUID(), total };
      customer.checkouts.set(key, checkout);
      customer.cart = [];
      const order = {
        orderId: randomUUID(),
        checkoutId: checkout.checkoutId,
        lines,
        total,
        state: "placed",
        placedAt: new Date().toISOString(),
      };
      setTimeout(() => customer.orders.unshift(order), 600).unref();
      return { body: checkout };
    },
    "get /orders/mine": ({ query, user }) => ({ body: page(user().orders, query) }),
    "get /orders/{orderId}": ({ parameters, user }) => {
      const order = user().orders.find(({ orderId }) => orderId === parameters.orderId);
      if (!order) throw new Problem(404, "There is no such order.");
      return { body: order };
    },
    "post /login/signup": ({ body }) => {
      if (!users.has(String(body.email))) codes.set(String(body.email), "123456");
      return { status: 202 };
    },
    "post /login/confirm": ({ body }) => {
      const email = String(body.email);
      if (codes.get(email) !== body.code) throw new Problem(400, "The code is wrong, or has expired.", "/code");
      checkPassword(String(body.password));
      codes.delete(email);
      return { body: session(addUser(email, String(body.password), String(body.name ?? ""))) };
    },
    "post /login/signin": ({ body }) => {
      const user = users.get(String(body.email));
      if (!user || user.password !== body.password)
        throw new Problem(401, "The email address or the password is wrong.");
      return { body: session(user) };
    },
    "post /login/refresh": ({ body }) => {
      const user = [...users.values()].find(({ userId }) => userId === body.refreshToken);
      if (!user) throw new Problem(401, "The session has ended.");
      return { body: session(user) };
    },
    "post /login/signout": () => ({ status: 204 }),
    "post /login/forgot": ({ body }) => {
      if (users.has(String(body.email))) codes.set(String(body.email), "123456");
      return { status: 202 };
    },
    "post /login/reset": ({ body }) => {
      const user = users.get(String(body.email));
      if (!user || codes.get(user.email) !== body.code)
        throw new Problem(400, "The code is wrong, or has expired.", "/code");
      checkPassword(String(body.password));
      user.password = String(body.password);
      return { status: 204 };
    },
    "get /login/me": ({ user }) => ({ body: profile(user()) }),
    "put /login/me": ({ body, user }) => ({ body: profile(Object.assign(user(), { name: String(body.name) })) }),
  };

  function perform(it: Operation, url: URL, request: IncomingMessage, body: Record<string, unknown>): Answer {
    const problems = wrongRequest(it, url.searchParams, request.headers, body);
    if (problems.length > 0) {
      wrong.push(...problems.map((problem) => `${request.method} ${url.pathname}: ${problem}`));
      throw new Problem(400, problems.join("; "));
    }
    const user = () => {
      const payload = request.headers.authorization?.split(".")[1];
      const id = payload && JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
      const found = [...users.values()].find(({ userId }) => userId === id);
      if (!found) throw new Problem(401, "Sign in first.");
      return found;
    };
    const operate = operations[`${it.method} ${it.template}`];
    if (!operate) throw new Problem(501, "The fixture has no such operation.");
    return operate({ query: url.searchParams, parameters: it.parameters, headers: request.headers, body, user });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fixture");
    const send = (status: number, type: string, body?: Buffer | string, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": type, ...headers });
      response.end(body);
    };
    if (url.pathname === "/") return send(302, "text/plain", "", { location: "/shop" });
    if (url.pathname === "/.storefront/status")
      return send(200, "application/json", JSON.stringify(statuses(down, requests)));
    if (/^\/shop(\/|$)/.test(url.pathname)) {
      const name = url.pathname.replaceAll("..", "");
      const types: Record<string, string> = {
        ".js": "text/javascript",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
      };
      const type = types[extname(name)];
      if (type && existsSync(join(dist, name))) return send(200, type, readFileSync(join(dist, name)));
      return send(200, "text/html; charset=utf-8", readFileSync(join(dist, "index.html")));
    }
    const it = operation(request.method ?? "GET", url.pathname);
    if (!it) {
      wrong.push(`${request.method} ${url.pathname} is no operation of a service`);
      return send(404, "application/json", JSON.stringify({ message: "Not Found" }));
    }
    requests[it.service] = (requests[it.service] ?? 0) + 1;
    if (down.has(it.service)) return send(503, "application/json", JSON.stringify({ message: "Service Unavailable" }));
    if (busy.delete(`${it.method} ${it.template}`))
      return send(503, "application/problem+json", "{}", { "retry-after": "1" });
    let result: Answer;
    try {
      const text = await read(request);
      result = perform(it, url, request, text.length > 0 ? JSON.parse(text.toString()) : {});
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(500, String(error));
      if (problem.status >= 500) wrong.push(`${request.method} ${url.pathname}: ${problem.message}`);
      const errors = problem.pointer ? { errors: [{ detail: problem.message, pointer: problem.pointer }] } : {};
      result = {
        status: problem.status,
        type: "application/problem+json",
        body: { type: "about:blank", title: "It failed", status: problem.status, detail: problem.message, ...errors },
      };
    }
    const { status = 200, type = "application/json" } = result;
    const fault = wrongAnswer(it, status, type, result.body);
    if (fault) wrong.push(`fixture: ${fault}`);
    if (result.bytes !== undefined) return send(status, type, result.bytes, { "cache-control": "public, max-age=600" });
    send(status, type, result.body === undefined ? undefined : JSON.stringify(result.body));
  }

  /** The store of the photos, which has an origin of its own. */
  async function storePhoto(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET") {
      const sent = uploads.find(({ photoId }) => request.url === `/${photoId}`);
      response.writeHead(sent?.bytes ? 200 : 404, { "content-type": "image/jpeg" });
      response.end(sent?.bytes);
      return;
    }
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = await new Response(new Uint8Array(await read(request)), { headers }).formData();
    const upload = uploads.find(({ photoId }) => photoId === form.get("key"));
    const file = form.get("file");
    if (upload && file instanceof File) upload.bytes = Buffer.from(await file.arrayBuffer());
    response.writeHead(upload?.bytes ? 204 : 400, { "access-control-allow-origin": "*" });
    response.end();
  }

  storeUrl = `http://127.0.0.1:${(store.address() as AddressInfo).port}/`;
  const server = await listen(
    createServer((request, response) => void answer(request, response)),
    port,
  );
  const close = async () => {
    for (const it of [server, store]) {
      it.closeAllConnections();
      await new Promise((resolve) => it.close(resolve));
    }
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, down, busy, wrong, close };
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function sizes(path: (size: string) => string) {
  return ["small", "medium", "original"].map((size) => {
    const width = size === "small" ? 400 : 1200;
    return { size, path: path(size), width, height: Math.round((width * 2) / 3) };
  });
}

function line({ productId, quantity }: Line) {
  return { productId, quantity };
}

function profile({ userId, email, name, registeredAt }: User) {
  return { userId, email, name, registeredAt };
}

function checkPassword(password: string): void {
  if (!/[a-z]/.test(password) || !/[A-Z]/.test(password) || !/\d/.test(password) || !/[^A-Za-z0-9]/.test(password)) {
    throw new Problem(400, "The password needs lowercase and uppercase letters, a digit and a symbol.", "/password");
  }
}

function seedReviews(): Review[] {
  return products.flatMap(({ productId }, p) =>
    Array.from({ length: (p * 5) % 8 }, (_, i) => {
      const [stars, title, text, authorName] = opinions[(p + i) % opinions.length] ?? opinions[0];
      const postedAt = new Date(Date.UTC(2026, 9, 28 - i * 3, 10 + i)).toISOString();
      return {
        reviewId: `${productId}-${i}`,
        productId,
        author: `author-${i}`,
        version: 1,
        stars,
        title,
        text,
        ...(authorName && { authorName }),
        postedAt,
      };
    }),
  );
}

/** The number of letters by which two words differ. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function search(query: URLSearchParams, summary: (productId: string) => { count: number; average: number }) {
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  const [min = 0, max = Number.POSITIVE_INFINITY, stars = 0, category] = [
    number("minPrice"),
    number("maxPrice"),
    number("minStars"),
    query.get("category"),
  ];
  const items = products
    .filter(({ name, description, category }) => {
      const text = `${name} ${category} ${description}`.toLowerCase().split(/[^\p{L}\d]+/u);
      return words.every((word) =>
        text.some((other) => other.startsWith(word) || (word.length > 3 && distance(word, other) <= 2)),
      );
    })
    .map(({ productId, name, category, price, stock }) => {
      const { count, average } = summary(productId);
      return {
        productId,
        name,
        category,
        price,
        stock,
        reviews: count,
        ...(count > 0 && { stars: Math.round(average * 10) / 10 }),
      };
    });
  type Item = (typeof items)[number];
  const tests = {
    category: (item: Item) => !category || item.category === category,
    price: ({ price }: Item) => price.amount >= min && price.amount <= max,
    stars: (item: Item) => (item.stars ?? 0) >= stars,
  };
  const without = (facet: keyof typeof tests) =>
    items.filter((item) => Object.entries(tests).every(([name, test]) => name === facet || test(item)));
  const found = items.filter((item) => Object.values(tests).every((test) => test(item)));
  const orders: Record<string, (a: Item, b: Item) => number> = {
    priceAscending: (a, b) => a.price.amount - b.price.amount,
    priceDescending: (a, b) => b.price.amount - a.price.amount,
    stars: (a, b) => (b.stars ?? 0) - (a.stars ?? 0) || b.reviews - a.reviews,
    name: (a, b) => a.name.localeCompare(b.name),
  };
  const order = orders[query.get("sort") ?? ""];
  if (order) found.sort(order);
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 24);
  const ranges: { min: number; max?: number }[] = [
    { min: 0, max: 1999 },
    { min: 2000, max: 9999 },
    { min: 10000, max: 49999 },
    { min: 50000 },
  ];
  const categories = [...new Set(items.map(({ category }) => category))];
  return {
    items: found.slice(from, to),
    total: found.length,
    ...(to < found.length && { nextCursor: String(to) }),
    facets: {
      category: categories
        .map((value) => ({ value, count: without("category").filter((item) => item.category === value).length }))
        .filter(({ count }) => count > 0),
      price: ranges
        .map((range) => ({
          ...range,
          count: without("price").filter(
            ({ price }) => price.amount >= range.min && price.amount <= (range.max ?? Number.POSITIVE_INFINITY),
          ).length,
        }))
        .filter(({ count }) => count > 0),
      stars: [4, 3, 2, 1].map((min) => ({
        min,
        count: without("stars").filter((item) => (item.stars ?? 0) >= min).length,
      })),
    },
    ...(query.get("suggest") === "true" && {
      suggestions: found
        .map(({ name }) => name)
        .filter((name) => name.toLowerCase().startsWith(words.join(" ")))
        .slice(0, 3),
    }),
  };
}

function drawing(photoId: string): string {
  const hue = [...photoId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 8" width="1200" height="800"><rect width="12" height="8" fill="hsl(${hue} 30% 80%)"/><circle cx="6" cy="4" r="2" fill="hsl(${hue} 45% 40%)"/></svg>`;
}

function statuses(down: Set<string>, requests: Record<string, number>) {
  const tasks: Record<string, number> = {
    cart: 2,
    catalog: 1,
    indexer: 1,
    login: 1,
    orders: 1,
    photos: 1,
    recommendations: 1,
    reviews: 1,
    search: 1,
  };
  return Object.entries(tasks).map(([name, n], i) => ({
    name,
    version: "6e70158",
    calls: name === "cart" ? ["catalog"] : [],
    requests: requests[name] ?? 0,
    called: {},
    tasks: down.has(name)
      ? []
      : Array.from({ length: n }, (_, task) => ({
          name: `${name}-${task + 1}`,
          state: "healthy",
          address: `127.0.${i + 2}.${task + 2}`,
          port: 8080,
        })),
  }));
}
