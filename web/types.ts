// Generates the types of the client from the services' OpenAPI files, into src/api/*.gen.ts. They are not committed, so they cannot
// be stale, and the page can be built without them: a bundler drops types.
import { writeFile } from "node:fs/promises";
import openapi, { astToString } from "openapi-typescript";

const services = ["cart", "catalog", "login", "orders", "photos", "recommendations", "reviews", "search"];

await Promise.all(
  services.map(async (service) => {
    const spec = new URL(`../services/${service}/openapi.yaml`, import.meta.url);
    const types = astToString(await openapi(spec, { alphabetize: true }));
    await writeFile(new URL(`src/api/${service}.gen.ts`, import.meta.url), types);
  }),
);
