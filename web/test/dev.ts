// The page with a shop in memory, to work on it: npm run dev.
import { start } from "./fixture.ts";

const { url, wrong } = await start(Number(process.env.PORT ?? 4620));
console.log(`${url}/shop  (ada@example.com, password Storefront-2026!; the code of a new user is 123456)`);
setInterval(() => {
  for (const problem of wrong.splice(0)) console.error(problem);
}, 500);
