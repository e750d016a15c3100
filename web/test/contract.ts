// Holds the fixture, and the page that talks to it, to the OpenAPI files of the services.
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { parse } from "yaml";

export const services = ["cart", "catalog", "login", "orders", "photos", "recommendations", "reviews", "search"];

// biome-ignore lint/suspicious/noExplicitAny: a document whose shape is OpenAPI's.
type Document = any;

const ajv = new Ajv({
  strict: false,
  validateSchema: false,
  allErrors: true,
  coerceTypes: "array",
  useDefaults: false,
});
formats.default(ajv);
const documents = new Map<string, Document>();
for (const service of services) {
  const file = new URL(`../../services/${service}/openapi.yaml`, import.meta.url);
  const document = parse(readFileSync(file, "utf8"));
  documents.set(service, document);
  ajv.addSchema(document, service);
}

/** Follows a reference, and tells where in the document what it leads to is. */
function at(service: string, ...path: string[]): { found: Document; pointer: string } {
  let found = documents.get(service);
  let pointer = "#";
  for (const step of path) {
    found = found?.[step];
    pointer += `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (typeof found?.$ref === "string") {
      const target: string = found.$ref;
      return at(service, ...target.slice(2).split("/"), ...path.slice(path.indexOf(step) + 1));
    }
  }
  return { found, pointer };
}

const compiled = new Map<string, ValidateFunction>();

function check(service: string, pointer: string, value: unknown): string | undefined {
  const ref = `${service}${pointer}`;
  let validate = compiled.get(ref);
  if (!validate) {
    validate = ajv.compile({ $ref: ref });
    compiled.set(ref, validate);
  }
  return validate(structuredClone(value)) ? undefined : ajv.errorsText(validate.errors, { dataVar: "" });
}

export type Operation = {
  service: string;
  template: string;
  method: string;
  parameters: Record<string, string>;
  secured: boolean;
};

/** The operation that a request is for: the path with the fewest parameters that it fits. */
export function operation(method: string, path: string): Operation | undefined {
  const service = path.split("/")[1] ?? "";
  const templates = Object.keys(documents.get(service)?.paths ?? {}).sort(
    (a, b) => a.split("{").length - b.split("{").length,
  );
  for (const template of templates) {
    const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const fits = pattern.exec(path);
    const { found } = at(service, "paths", template, method.toLowerCase());
    if (!fits || !found) continue;
    const parameters = Object.fromEntries(
      Object.entries(fits.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return { service, template, method: method.toLowerCase(), parameters, secured: (found.security ?? []).length > 0 };
  }
  return undefined;
}

/** What is wrong with a request. */
export function wrongRequest(
  it: Operation,
  query: URLSearchParams,
  headers: Record<string, unknown>,
  body: unknown,
): string[] {
  const wrong: string[] = [];
  const base = ["paths", it.template];
  const known = new Set<string>();
  for (const place of [base, [...base, it.method]]) {
    const { found = [] } = at(it.service, ...place, "parameters");
    for (const i of Object.keys(found)) {
      const { found: parameter, pointer } = at(it.service, ...place, "parameters", i);
      const array = at(it.service, ...place, "parameters", i, "schema").found?.type === "array";
      known.add(parameter.name);
      let value: unknown = it.parameters[parameter.name];
      if (parameter.in === "query")
        value = array ? query.getAll(parameter.name) : (query.get(parameter.name) ?? undefined);
      if (parameter.in === "header") value = headers[parameter.name.toLowerCase()];
      if (value === undefined) {
        if (parameter.required) wrong.push(`${parameter.in} has no ${parameter.name}`);
        continue;
      }
      const problem = check(it.service, `${pointer}/schema`, value);
      if (problem) wrong.push(`${parameter.in} ${parameter.name}=${JSON.stringify(value)}: ${problem}`);
    }
  }
  for (const name of query.keys()) if (!known.has(name)) wrong.push(`query has ${name}, which nobody reads`);
  const { found, pointer } = at(it.service, ...base, it.method, "requestBody", "content", "application/json", "schema");
  if (found) {
    const problem = check(it.service, pointer, body);
    if (problem) wrong.push(`body ${problem}`);
  }
  return wrong;
}

/** What is wrong with an answer. */
export function wrongAnswer(it: Operation, status: number, type: string, body: unknown): string | undefined {
  const responses = ["paths", it.template, it.method, "responses"];
  const known = at(it.service, ...responses).found ?? {};
  const named = [String(status), `${String(status)[0]}XX`].find((name) => name in known);
  if (!named) return `${it.method} ${it.template} does not answer ${status}`;
  const { found, pointer } = at(it.service, ...responses, named, "content", type, "schema");
  if (body === undefined || !type.endsWith("json")) return undefined;
  if (!found) return `${it.method} ${it.template} ${status} has no ${type}`;
  const problem = check(it.service, pointer, body);
  return problem && `${it.method} ${it.template} ${status}: ${problem}`;
}
