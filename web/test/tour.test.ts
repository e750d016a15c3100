// A customer's tour through the whole shop. Without SHOP_URL it is the shop in memory; with it, a shop that runs:
// SHOP_URL=http://127.0.0.1:8080 npm run tour. SHOP_CODE is the code with which a new user confirms the address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, skip, visit } from "./browser.ts";
import { type Fixture, start } from "./fixture.ts";

let browser: Browser;
let fixture: Fixture | undefined;
let url = process.env.SHOP_URL ?? "";

before(async () => {
  if (skip) return;
  browser = await launch();
  if (url) return;
  fixture = await start();
  url = fixture.url;
});
after(async () => {
  await browser?.close();
  await fixture?.close();
});

// A tour leaves its review in the shop, for the next one to tell from its own.
const title = `As I see it at ${Date.now()}`;
const user = { email: `customer-${Date.now()}@example.com`, password: "A-long-passw0rd", name: "Grace" };

/** The longest word of a name as somebody in a hurry types it: without its third letter. */
function misspelt(name: string): string {
  const word = name.split(" ").sort((a, b) => b.length - a.length)[0] ?? name;
  return word.slice(0, 2) + word.slice(3);
}

async function summaryOf(page: Page): Promise<{ count: number; average: number }> {
  const summary = page.locator(".reviews-summary");
  await summary.locator(".average, p.quiet").first().waitFor();
  const text = (await summary.textContent()) ?? "";
  const count = /(\d+) reviews?/.exec(text)?.[1];
  const average = await summary
    .locator(".average strong")
    .textContent({ timeout: 200 })
    .catch(() => "0");
  return { count: Number(count ?? 0), average: Number(average) };
}

test("a customer's tour", { skip, timeout: 600_000 }, async (t) => {
  const { page, errors } = await visit(t, browser, url, { viewport: { width: 1280, height: 900 } });
  let product = "";
  let before = { count: 0, average: 0 };

  // Each step needs those before it.
  let failed = false;
  const step = async (name: string, act: () => Promise<void>) => {
    await t.test(name, { skip: failed }, async () => {
      failed = true;
      await act();
      failed = false;
    });
  };

  await step("signs up, confirms the address, and signs out", async () => {
    await page.goto("/shop");
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByLabel("Email address").fill(user.email);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByRole("heading", { name: "Confirm your address" }).waitFor();
    await page.getByLabel("Code").fill(process.env.SHOP_CODE ?? "123456");
    await page.getByLabel("Your name").fill(user.name);
    await page.getByLabel("Password").fill(user.password);
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
  });

  await step("finds a product by a misspelt word", async () => {
    await page.goto("/shop");
    const card = page.locator("section[aria-labelledby=all] .card:not(:has-text('Sold out'))").first();
    product = (await card.getByRole("heading").textContent()) ?? "";
    const box = page.getByRole("combobox", { name: "Search the shop" });
    await box.fill(misspelt(product));
    await box.press("Enter");
    await page.getByRole("heading", { level: 1, name: misspelt(product) }).waitFor();
    await page.getByRole("region", { name: "Products" }).getByRole("link", { name: product, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: product }).waitFor();
  });

  await step("reads the reviews", async () => {
    await page.getByRole("heading", { name: "Reviews" }).scrollIntoViewIfNeeded();
    before = await summaryOf(page);
    const shown = page.locator(".review-list > li");
    await page.waitForFunction(() => document.querySelector(".review-list"));
    assert.equal(await shown.count(), Math.min(before.count, 10));
  });

  await step("fills the cart, signs in, and finds it merged", async () => {
    await page.getByRole("button", { name: "One more" }).click();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart 2 pieces" }).click();
    await page.getByRole("link", { name: product }).waitFor();
    await page.getByRole("link", { name: "Check out" }).click();
    await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Email address").fill(user.email);
    await page.getByLabel("Password").fill(user.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Check out" }).waitFor();
    await page.getByRole("link", { name: "Cart 2 pieces" }).waitFor();
    // The cart of before is merged into the service's, and then it is nowhere else.
    await page.waitForFunction(() => localStorage.getItem("shop.cart") === null);
    // What the service has, and not what the page remembers.
    await page.reload();
    await page.getByRole("link", { name: "Cart 2 pieces" }).waitFor();
  });

  await step("checks out and sees the order", async () => {
    await page.getByRole("button", { name: /^Place the order for/ }).click();
    await page.getByRole("heading", { name: "Thank you for your order" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: product, exact: true }).waitFor();
    await page.getByRole("link", { name: "Cart 0 pieces" }).waitFor();
    await page.getByRole("link", { name: "All orders" }).click();
    await page.locator(".order").first().click();
    await page.getByRole("heading", { name: "Your order" }).waitFor();
  });

  await step("reviews it with a photo, and the average changes", async () => {
    await page.getByRole("link", { name: `Review ${product}` }).click();
    const stars = before.average > 3 ? 1 : 5;
    await page.getByRole("radio", { name: stars === 1 ? "1 star" : "5 stars" }).check({ force: true });
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("What do you like").fill("I have had it for a week, and use it each day.");
    await page
      .getByLabel("A photo of it")
      .setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: await page.screenshot() });
    await page.getByLabel("What the photo shows").fill("It, on my table");
    await page.getByRole("button", { name: "Post the review" }).click();
    await page.getByText("your photo has arrived").waitFor();
    await page.getByRole("link", { name: "Back to the product" }).click();
    await page.locator(".review-list").getByText(title).waitFor();
    await page.waitForFunction(
      (n) => document.querySelector(".reviews-summary")?.textContent?.includes(`${n} review`),
      before.count + 1,
    );
    const now = await summaryOf(page);
    const expected = (before.average * before.count + stars) / (before.count + 1);
    assert.ok(Math.abs(now.average - expected) < 0.11, `average ${now.average}, expected ${expected.toFixed(2)}`);
  });

  await step("finds the review in the account", async () => {
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("heading", { name: title }).waitFor();
  });

  assert.deepEqual(errors, []);
  assert.deepEqual(fixture?.wrong ?? [], []);
});
