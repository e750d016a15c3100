// Builds the page into dist/, whose files have the paths of their URLs: index.html, which is the page at /shop and whatever is below
// it, and in shop/assets/ what it loads, named by the hash of its content, so that browsers and CDNs may keep it for ever.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = import.meta.dirname;
process.chdir(root);
await rm("dist", { recursive: true, force: true });
await mkdir("dist/shop", { recursive: true });

/** Who publishes and who hears which events, as `make graph` has written it. */
async function events(): Promise<Record<string, { publishes: string[]; subscribes: string[] }>> {
  const folder = "../docs/events";
  const found: Record<string, { publishes: string[]; subscribes: string[] }> = {};
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".asyncapi.json"))) {
    const { operations } = JSON.parse(await readFile(`${folder}/${file}`, "utf8"));
    const named = (action: string) =>
      Object.values<{ action: string; channel: { $ref: string } }>(operations)
        .filter((operation) => operation.action === action)
        .map(({ channel }) => channel.$ref.split(".").at(-1) ?? "");
    found[file.replace(/\..*/, "")] = { publishes: named("send"), subscribes: named("receive") };
  }
  return found;
}

const { metafile } = await build({
  entryPoints: ["src/main.tsx", "src/style.css"],
  outdir: "dist/shop/assets",
  // Below /shop, too, so nothing that the page loads can collide with a path of the API.
  publicPath: "/shop/assets",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  sourcemap: true,
  loader: { ".woff2": "file" },
  define: { EVENTS: JSON.stringify(await events()) },
  metafile: true,
  logLevel: "warning",
});

const made = Object.keys(metafile.outputs).map((path) => basename(path));
const asset = (pattern: RegExp) => {
  const name = made.find((candidate) => pattern.test(candidate));
  if (!name) throw new Error(`nothing that is built matches ${pattern}: got ${made.join(", ")}`);
  return `/shop/assets/${name}`;
};
const page = (await readFile("index.html", "utf8"))
  .replace("SCRIPT", asset(/^main-.*\.js$/))
  .replace("STYLE", asset(/^style-.*\.css$/))
  .replace("TEXT_FONT", asset(/^instrument-sans-latin-wght-normal-.*\.woff2$/))
  .replace("HEADING_FONT", asset(/^bricolage-grotesque-latin-wght-normal-.*\.woff2$/));
await writeFile("dist/index.html", page);
await cp("favicon.svg", "dist/shop/favicon.svg");

for (const name of made.filter((name) => /\.(js|css)$/.test(name))) {
  const bytes = gzipSync(await readFile(`dist/shop/assets/${name}`)).length;
  console.log(`web/dist/shop/assets/${name} ${(bytes / 1024).toFixed(1)} KiB gzip`);
}
