// A browser for the tests: Chromium or Chrome as the machine has it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const places = [
  process.env.CHROME ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const found = places.find((place) => place && existsSync(place));
if (!found && process.env.STOREFRONT_REQUIRE_BROWSER) {
  throw new Error(
    `no browser at ${places.filter(Boolean).join(", ")}: install Chromium or Chrome, or set CHROME to its path`,
  );
}

/** Why the tests of the page are skipped, or false when they run. */
export const skip = found ? false : "no Chromium or Chrome found: install one, or set CHROME to its path";

export function launch(): Promise<Browser> {
  const args = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
  ];
  return chromium.launch({
    executablePath: found ?? "",
    args: [...args, "--disable-gpu", "--disable-component-update"],
  });
}

/** A tab of a new visitor, and all errors that it had: those of the console, and those that no script caught. */
export async function visit(
  t: TestContext,
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; errors: string[] }> {
  // Without motion nothing is caught half-way, such as a colour between light and dark.
  const context = await browser.newContext({ baseURL, reducedMotion: "reduce", ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  // A machine that builds something else meanwhile is slow.
  page.setDefaultTimeout(Number(process.env.PATIENCE ?? 60_000));
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${page.url()}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  return { page, errors };
}

/** What axe finds on the page that is serious or critical. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      where: nodes.map(({ html }) => html.slice(0, 160)),
    }));
  });
  const severe = found.filter(({ impact }) => impact === "serious" || impact === "critical");
  return severe.map(({ id, where }) => `${page.url()} ${id}: ${where.join(" | ")}`);
}

/** Waits until nothing on the page waits for an answer. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  // The page of the topology asks for news all the time.
  if (!page.url().endsWith("/topology")) await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => document.querySelectorAll(".waiting, .card-waiting, .hero-waiting").length === 0);
}

/** Where the pictures of the pages go. */
const folder = join(import.meta.dirname, "../screenshots");

/** Those of them that the documentation has, from the top of the page to the bottom of the window. */
const documented: Record<string, string> = {
  "front-1440-light": "shop",
  "product-1440-dark": "product",
  "topology-1440-light": "topology",
};
const documents = process.env.STOREFRONT_PICTURES ? join(import.meta.dirname, "../../docs/images") : undefined;

/**
 * Looks at the page on a phone and on a desk, light and dark: it has no serious barriers, is not wider than the window, and its
 * picture is kept.
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const { width, height, checked } of [
    { width: 390, height: 844, checked: "dark" },
    { width: 1440, height: 900, checked: "light" },
  ]) {
    await page.setViewportSize({ width, height });
    await page.reload();
    await settled(page);
    // Pictures are fetched when they come near.
    await page.evaluate(async () => {
      for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
        scrollTo(0, y);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      scrollTo(0, 0);
    });
    await settled(page);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      const picture = `${name}-${width}-${colorScheme}`;
      if (colorScheme === checked) assert.deepEqual(await barriers(page), [], picture);
      await page.screenshot({ path: join(folder, `${picture}.png`), fullPage: true });
      const file = documents && documented[picture];
      if (file) await page.screenshot({ path: join(documents, `${file}.jpg`), type: "jpeg", quality: 82 });
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wider <= 0, `${page.url()} is ${wider} pixels wider than a window of ${width}`);
  }
}
