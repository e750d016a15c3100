// A tour through the whole shop, by a customer and the operator, and a look at each page. Without SHOP_URL it is the shop in memory;
// with it, one that runs: SHOP_URL=http://127.0.0.1:8080 npm run tour. SHOP_CODE is the code with which a new user confirms the address.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { launch, look, skip, visit } from "./browser.ts";
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

const code = process.env.SHOP_CODE ?? "123456";
const password = "Storefront-2026!";
const operator = "operator@example.com";

// A tour leaves a customer and a review in the shop, for the next one to tell from its own.
const tour = Date.now();
const user = { email: `customer-${tour}@example.com`, name: "Katherine" };
const title = `As I see it at ${tour}`;

/** The longest word of a name as somebody in a hurry types it: without its third letter. */
function misspelt(name: string): string {
  const words = name.match(/\p{L}+/gu) ?? [name];
  const word = words.sort((a, b) => b.length - a.length)[0] ?? name;
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

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Somebody else buys products, by the API. */
async function buy(page: Page, n: number, products: string[]): Promise<void> {
  const email = `customer-${tour}-${n}@example.com`;
  const send = async (method: string, path: string, data: unknown, headers: Record<string, string> = {}) => {
    const response = await page.request.fetch(path, { method, data, headers });
    assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
    return response;
  };
  await send("POST", "/login/signup", { email });
  const { idToken } = await (await send("POST", "/login/confirm", { email, code, password })).json();
  const authorization = `Bearer ${idToken}`;
  for (const id of products) await send("PUT", `/cart/items/${id}`, { quantity: 1 }, { authorization });
  await send("POST", "/cart/checkout", {}, { authorization, "Idempotency-Key": `tour-${tour}-${n}` });
}

const run = promisify(execFile);

test("a tour of the shop", { skip, timeout: 900_000 }, async (t) => {
  const { page, errors } = await visit(t, browser, url);
  let product = { id: "", name: "" };
  let other = { id: "", name: "" };
  let before = { count: 0, average: 0 };

  // Each step needs those before it.
  let failed = false;
  const step = async (name: string, act: () => Promise<void>, without?: string) => {
    await t.test(name, { skip: failed || (without ?? false) }, async () => {
      failed = true;
      await act();
      failed = false;
    });
  };
  const lookAt = async (name: string, path: string) => {
    await page.goto(path);
    await look(page, name);
  };

  await step("signs up, confirms the address, and signs out", async () => {
    await page.goto("/shop");
    await look(page, "front");
    await page.getByRole("link", { name: "Sign in" }).click();
    await look(page, "sign-in");
    await page.getByRole("link", { name: "Create an account" }).click();
    await look(page, "sign-up");
    await page.getByLabel("Email address").fill(user.email);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByRole("heading", { name: "Confirm your address" }).waitFor();
    await look(page, "confirm");
    await page.getByLabel("Code").fill(code);
    await page.getByLabel("Your name").fill(user.name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
  });

  await step("finds a product by a misspelt word", async () => {
    await page.goto("/shop");
    const cards = page.locator("section[aria-labelledby=all] article.card:not(:has-text('Sold out'))");
    await cards.first().waitFor();
    const products = await cards.evaluateAll((all) =>
      all.map((card) => ({
        id: card.querySelector("a")?.pathname.split("/").at(-1) ?? "",
        name: card.querySelector("h3")?.textContent ?? "",
      })),
    );
    product = products[0] ?? product;
    const box = page.getByRole("combobox", { name: "Search the shop" });
    await box.fill(misspelt(product.name));
    await box.press("Enter");
    await page.getByRole("heading", { level: 1, name: misspelt(product.name) }).waitFor();
    await look(page, "search");
    await page.getByRole("region", { name: "Products" }).getByRole("link", { name: product.name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: product.name }).waitFor();
    const together = await (await page.request.get(`/recommendations/${product.id}?limit=10`)).json();
    const known = (together.items as { productId: string }[]).map(({ productId }) => productId);
    other = products.slice(1).find(({ id }) => !known.includes(id)) ?? other;
    assert.ok(
      other.id,
      "each of the first products is bought together with it already: make shop-down, then make shop",
    );
  });

  await step("reads the reviews", async () => {
    await page.getByRole("heading", { name: "Reviews" }).scrollIntoViewIfNeeded();
    before = await summaryOf(page);
    const shown = page.locator(".review-list > li");
    await page.waitForFunction(() => document.querySelector(".review-list"));
    assert.equal(await shown.count(), Math.min(before.count, 10));
  });

  await step("fills the cart, signs in, and finds it merged", async () => {
    await lookAt("cart-empty", "/shop/cart");
    await page.goto(`/shop/p/${other.id}`);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart 1 piece" }).waitFor();
    await page.goto(`/shop/p/${product.id}`);
    await page.getByRole("button", { name: "One more" }).click();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart 3 pieces" }).click();
    await page.getByRole("link", { name: product.name }).waitFor();
    await look(page, "cart");
    await page.getByRole("link", { name: "Check out" }).click();
    await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await signIn(page, user.email);
    await page.getByRole("heading", { name: "Check out" }).waitFor();
    await page.getByRole("link", { name: "Cart 3 pieces" }).waitFor();
    // The cart of before is merged into the service's, and then it is nowhere else.
    await page.waitForFunction(() => localStorage.getItem("shop.cart") === null);
    // What the service has, and not what the page remembers.
    await page.reload();
    await page.getByRole("link", { name: "Cart 3 pieces" }).waitFor();
    await look(page, "checkout");
  });

  await step("checks out and sees the order", async () => {
    await page.getByRole("button", { name: /^Place the order for/ }).click();
    await page.getByRole("heading", { name: "Thank you for your order" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: product.name, exact: true }).waitFor();
    await page.getByRole("link", { name: "Cart 0 pieces" }).waitFor();
    await page.getByRole("link", { name: "All orders" }).click();
    await page.locator(".order").first().waitFor();
    await look(page, "orders");
    await page.locator(".order").first().click();
    await page.getByRole("heading", { name: "Your order" }).waitFor();
    await look(page, "order");
  });

  await step("reviews it with a photo, and the average changes", async () => {
    await page.goto(`/shop/p/${product.id}`);
    const photo = await page.locator(".gallery-photo img").screenshot({ type: "jpeg" });
    await page.getByRole("link", { name: "Write a review" }).click();
    await look(page, "review");
    const stars = before.average > 3 ? 1 : 5;
    await page.getByRole("radio", { name: stars === 1 ? "1 star" : "5 stars" }).check({ force: true });
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("What do you like").fill("I have had it for a week, and use it each day.");
    await page.getByLabel("A photo of it").setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: photo });
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

  await step("the photo is shown once the operator has approved it", async () => {
    const shown = page.getByRole("img", { name: "It, on my table" });
    const photos = await page.locator(".thumbs > li").count();
    const staff = await visit(t, browser, url);
    await staff.page.goto("/shop/moderate");
    await staff.page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await signIn(staff.page, operator);
    const approve = staff.page.getByRole("button", { name: `Approve the photo of ${product.name}` });
    await approve.last().waitFor();
    await look(staff.page, "moderate");
    const waiting = await approve.count();
    // The oldest is first, and this tour's is the newest.
    await approve.last().click();
    await staff.page.getByText(`The photo of ${product.name} is shown now.`).waitFor();
    assert.equal(await approve.count(), waiting - 1);
    assert.deepEqual(staff.errors, []);
    await page.reload();
    await page.locator(".thumbs > li").nth(Math.max(photos, 1)).waitFor();
    await page.locator(".thumbs button").last().click();
    await shown.waitFor();
    assert.ok(await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth > 0)));
  });

  await step("finds the review in the account", async () => {
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("heading", { name: title }).waitFor();
    await look(page, "account");
  });

  await step(
    "finds what was bought together, after the schedule",
    async () => {
      const together = page.getByRole("region", { name: "Bought together" });
      // What one person has bought together says nothing about others.
      for (const n of [1, 2]) await buy(page, n, [product.id, other.id]);
      const root = join(import.meta.dirname, "../..");
      const found = together.getByRole("link", { name: other.name });
      for (let attempt = 0; attempt < 12 && (await found.count()) === 0; attempt++) {
        await run(join(root, "bin/storefront"), ["run", "task", "recommendations/rebuild"], { cwd: root });
        await wait(2000); // in which each task loads the new model
        await page.goto(`/shop/p/${product.id}`);
        await together.waitFor({ timeout: 5000 }).catch(() => undefined);
      }
      await found.first().waitFor({ timeout: 1000 });
    },
    fixture && "the shop in memory has no schedule",
  );

  await step("looks at the other pages", async () => {
    await lookAt("product", `/shop/p/${product.id}`);
    await page.locator(".facts-category a").click();
    await look(page, "category");
    await lookAt("search-nothing", "/shop/search?q=zzzzzz");
    await lookAt("forgot", "/shop/forgot");
    await lookAt("topology", "/shop/topology");
    await lookAt("no-page", "/shop/nothing");
    assert.deepEqual(errors, []);
    await lookAt("no-product", "/shop/p/nothing");
    // The browser itself reports the answer 404, which is what the page asked for.
    errors.splice(0, errors.length, ...errors.filter((error) => !/catalog\/products\/nothing/.test(error)));
  });

  assert.deepEqual(errors, []);
  assert.deepEqual(fixture?.wrong ?? [], []);
});
