// A browser for the tests: Chromium or Chrome as the machine has it.
import { existsSync } from "node:fs";
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
  const context = await browser.newContext({ baseURL, ...options });
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
export async function barriers(page: Page): Promise<string[]> {
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
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => document.querySelectorAll(".waiting, .card-waiting, .hero-waiting").length === 0);
}
