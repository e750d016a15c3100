// The client of the shop's API. Its types are generated from the OpenAPI files of the services, so a request that a service does
// not know, or a field that it does not answer, does not compile.
import createClient, { type Middleware } from "openapi-fetch";
import { noteRequest } from "../requests.ts";
import { bearer, expire } from "../session.ts";
import type { paths as Cart } from "./cart.gen.ts";
import type { paths as Catalog, components as CatalogParts } from "./catalog.gen.ts";
import type { paths as Login } from "./login.gen.ts";
import type { paths as Orders, components as OrdersParts } from "./orders.gen.ts";
import type { paths as Photos, components as PhotosParts } from "./photos.gen.ts";
import type { paths as Recommendations } from "./recommendations.gen.ts";
import type { paths as Reviews, components as ReviewsParts } from "./reviews.gen.ts";
import type { paths as Search, components as SearchParts } from "./search.gen.ts";

export type Hit = SearchParts["schemas"]["Item"];
export type Money = CatalogParts["schemas"]["Money"];
export type Price = CatalogParts["schemas"]["Price"];
export type Order = OrdersParts["schemas"]["Order"];
export type Photo = PhotosParts["schemas"]["Photo"];
export type Results = SearchParts["schemas"]["Results"];
export type Product = CatalogParts["schemas"]["Product"];
export type Sort = SearchParts["schemas"]["Sort"];
export type Review = ReviewsParts["schemas"]["Review"];

/** A request that got no answer, or one that is not what was asked for. */
export class Failure extends Error {
  /** The status of the answer, or 0 when there was none. */
  readonly status: number;
  readonly fields: Record<string, string>;

  constructor(status: number, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** How long a request may take. A service that is slower costs its part of the page. */
const patience = 10_000;

/** The longest time in seconds, as a service says it, after which a read is repeated once. */
const soon = 3;

async function send(request: Request, signal: AbortSignal): Promise<Response> {
  const response = await fetch(request, { signal });
  const wait = Number(response.headers.get("retry-after"));
  if (request.method !== "GET" || !(wait > 0 && wait <= soon)) return response;
  await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  return fetch(request, { signal });
}

const observed: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(patience)]);
  let status = 0;
  try {
    const response = await send(request, signal);
    status = response.status;
    return response;
  } finally {
    noteRequest(new URL(request.url).pathname, status);
  }
};

const identity: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (schemaPath.startsWith("/login/") && schemaPath !== "/login/me") return;
    const token = await bearer();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && !/^\/login\/(?!me)/.test(schemaPath)) expire();
  },
};

export const api = createClient<Cart & Catalog & Login & Orders & Photos & Recommendations & Reviews & Search>({
  baseUrl: location.origin,
  fetch: observed,
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(identity);

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** Gives the data of an answer, or throws a Failure that says in a sentence what is wrong. */
export async function data<T>(request: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await request;
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new Failure(0, late ? "It takes too long to answer." : "It does not answer.");
  }
  if (answer.response.ok) return answer.data as T;
  const problem = (typeof answer.error === "object" && answer.error !== null ? answer.error : {}) as Problem;
  const fields: Record<string, string> = {};
  for (const error of problem.errors ?? []) {
    if (typeof error === "string") continue;
    const field = error.field ?? error.pointer;
    if (field) fields[field.replace(/^#?\//, "")] = error.detail;
  }
  throw new Failure(
    answer.response.status,
    (problem.detail || problem.title || sentence(answer.response.status)) + again(answer.response),
    fields,
  );
}

/** RFC 9457, as all services answer errors. Gateways and load balancers answer with bodies of their own. */
type Problem = {
  title?: string;
  detail?: string;
  errors?: (string | { detail: string; field?: string; pointer?: string })[];
};

/** When to repeat what was refused, if the answer says so. */
function again({ headers }: Response): string {
  const seconds = Number(headers.get("retry-after"));
  if (!(seconds > 0)) return "";
  return ` Try again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`;
}

function sentence(status: number): string {
  if (status === 401) return "Please sign in again.";
  if (status === 404) return "It does not exist.";
  if (status === 429) return "Too many requests.";
  return status >= 500 ? "It does not answer." : `It refused the request (${status}).`;
}
