// The shop in memory by keyboard, with services that are down, and with answers that are late, wrong or lost. What each page looks
// like is part of the tour.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, settled, skip, visit } from "./browser.ts";
import { type Fixture, start } from "./fixture.ts";

let browser: Browser;
let fixture: Fixture;

before(async () => {
  if (skip) return;
  [browser, fixture] = await Promise.all([launch(), start()]);
});
after(async () => {
  await browser?.close();
  await fixture?.close();
});

/** Signs in by the service, with pieces in the cart of before. */
async function signIn(page: Page, email = "ada@example.com"): Promise<void> {
  const response = await page.request.post(`${fixture.url}/login/signin`, {
    data: { email, password: "Storefront-2026!" },
  });
  const session = { ...(await response.json()), expiresAt: Date.now() + 3_600_000, email };
  await page.goto("/shop/sign-in");
  await page.evaluate((kept) => localStorage.setItem("shop.session", JSON.stringify(kept)), session);
}

function fill(page: Page): Promise<void> {
  const lines = [
    { productId: "bonsai-tree", quantity: 2 },
    { productId: "leather-sofa", quantity: 1 },
  ];
  return page.evaluate((kept) => localStorage.setItem("shop.cart", JSON.stringify(kept)), lines);
}

test("by keyboard alone", { skip }, async (t) => {
  const { page, errors } = await visit(t, browser, fixture.url);
  await page.goto("/shop");
  await settled(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the page");
  await page.getByRole("combobox").focus();
  await page.keyboard.type("bons");
  await page.getByRole("option", { name: "Bonsai Tree" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Bonsai Tree" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "the new page has the focus");
  await page.getByRole("button", { name: "One more" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Cart 2 pieces" }).waitFor();
  assert.deepEqual(errors, []);
});

test("facets narrow what is found, and the address keeps them", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url, { viewport: { width: 1440, height: 900 } });
  await page.goto("/shop/search?q=camera");
  await settled(page);
  const status = page.locator(".found-head").getByRole("status");
  const all = Number.parseInt((await status.textContent()) ?? "", 10);
  await page.getByRole("link", { name: /^€100 to/ }).click();
  await page.waitForURL(/minPrice=10000/);
  await settled(page);
  const some = Number.parseInt((await status.textContent()) ?? "", 10);
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  await page.getByLabel("Sort by").selectOption("Lowest price");
  await page.waitForURL(/sort=priceAscending/);
  await page.getByRole("link", { name: /^Without €100/ }).click();
  await page.waitForURL((url) => !url.search.includes("minPrice") && url.search.includes("sort"));
  await page.waitForFunction(
    (n) => document.querySelector(".found-head [role=status]")?.textContent?.startsWith(`${n} `),
    all,
  );
});

test("a read is repeated when the service says when", { skip, timeout: 60_000 }, async (t) => {
  const { page } = await visit(t, browser, fixture.url, { viewport: { width: 1440, height: 900 } });
  fixture.busy.add("get /reviews/{productId}");
  await page.goto("/shop/p/aloe-vera");
  await page.locator(".review-list > li").first().waitFor();
  assert.equal(fixture.busy.size, 0);
  assert.equal(await page.locator(".broken").count(), 0);
});

test("a service that is down costs its own corner", { skip, timeout: 600_000 }, async (t) => {
  const { page } = await visit(t, browser, fixture.url, { viewport: { width: 1440, height: 900 } });
  const without = async (service: string, look: () => Promise<void>) => {
    await t.test(service, async () => {
      fixture.down.add(service);
      try {
        await look();
      } finally {
        fixture.down.delete(service);
      }
    });
  };
  const broken = (text: string) => page.locator(".broken", { hasText: text });
  await without("reviews", async () => {
    await page.goto("/shop/p/aloe-vera");
    await broken("The reviews cannot be shown").waitFor();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart 1 piece" }).waitFor();
    fixture.down.delete("reviews");
    await broken("The reviews").getByRole("button", { name: "Try again" }).click();
    await page.locator(".review-list > li").first().waitFor();
  });
  await without("search", async () => {
    await page.goto("/shop/c/Plants");
    await broken("Filters and stars cannot be shown").waitFor();
    await page.getByRole("heading", { name: "Aloe Vera" }).waitFor();
    await page.goto("/shop");
    await broken("The best reviewed").waitFor();
    await page.locator("section[aria-labelledby=all] .card").first().waitFor();
  });
  await without("photos", async () => {
    await page.goto("/shop/p/aloe-vera");
    await broken("The photos").waitFor();
    await page.getByRole("heading", { level: 1, name: "Aloe Vera" }).waitFor();
  });
  await without("recommendations", async () => {
    await page.goto("/shop/p/aloe-vera");
    await broken("What others bought with it").waitFor();
    await page.locator(".review-list > li").first().waitFor();
  });
  await without("catalog", async () => {
    await page.goto("/shop");
    await broken("The products").waitFor();
    await page.locator("section[aria-labelledby=best] .card").first().waitFor();
    await page.goto("/shop/cart");
    await broken("Prices").waitFor();
  });
  await without("login", async () => {
    await page.goto("/shop/sign-in");
    await page.getByLabel("Email address").fill("ada@example.com");
    await page.getByLabel("Password").fill("Storefront-2026!");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("It does not answer").waitFor();
  });
  await signIn(page);
  await without("cart", async () => {
    await page.goto("/shop/cart");
    await broken("The cart").waitFor();
  });
  await without("orders", async () => {
    await page.goto("/shop/orders");
    await broken("Your orders").waitFor();
  });
});

test("an answer that is not what it should be costs its own corner", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  await page.route("**/search?*", (route) => route.fulfill({ json: { message: "Hello" } }));
  await page.goto("/shop");
  await page.locator(".broken", { hasText: "The best reviewed cannot be shown" }).waitFor();
  await page.locator("section[aria-labelledby=all] .card").first().waitFor();
  await page.unroute("**/search?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("section[aria-labelledby=best] .card").first().waitFor();
});

test("who asks too often is told when to ask again", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  let sent = 0;
  await page.route("**/login/signin", (route) => {
    sent++;
    return route.fulfill({ status: 429, headers: { "retry-after": "2" }, json: {} });
  });
  await page.goto("/shop/sign-in");
  await page.getByLabel("Email address").fill("ada@example.com");
  await page.getByLabel("Password").fill("Storefront-2026!");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Too many requests. Try again in 2 seconds.").waitFor();
  assert.equal(sent, 1, "what changes something is not repeated by itself");
});

test("a photo is rejected by keyboard, by an administrator alone", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  await page.goto("/shop/moderate");
  await page.getByText("Sign in to approve photos").waitFor();
  await signIn(page);
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("shop.session") ?? "{}").idToken);
  const headers = { authorization: `Bearer ${token}` };
  const data = { contentType: "image/jpeg", alt: "A thumb" };
  const start = await (await page.request.post("/photos/aloe-vera", { headers, data })).json();
  const file = { name: "photo.jpg", mimeType: "image/jpeg", buffer: await page.screenshot({ type: "jpeg" }) };
  await page.request.post(start.url, { multipart: { ...start.fields, file } });
  await page.request.post(`/photos/aloe-vera/${start.photoId}/complete`, { headers });
  await page.goto("/shop/moderate");
  await page.getByText("ada@example.com is none").waitFor();

  await signIn(page, "operator@example.com");
  await page.goto("/shop/moderate");
  await page.getByText("1 photo waits.").waitFor();
  const shown = page.getByRole("img", { name: "A thumb" });
  assert.ok(await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth > 0)));
  await page.getByRole("button", { name: "Reject the photo of Aloe Vera" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete it for good" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("The photo of Aloe Vera is deleted.").waitFor();
  await page.getByText("No photo waits.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "status");
});

test("a checkout whose answer is lost is one order", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  await signIn(page);
  await fill(page);
  let lost = 0;
  await page.route("**/cart/checkout", async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.goto("/shop/checkout");
  const place = page.getByRole("button", { name: /^Place the order for/ });
  await place.click();
  await page.getByRole("alert").getByText("It does not answer").waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Thank you for your order" }).waitFor();
  await page.getByRole("link", { name: "All orders" }).click();
  await page.locator(".order").first().waitFor();
  assert.equal(await page.locator(".order").count(), 1);
});

test("a session is refreshed, and ends with a word", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  await signIn(page);
  const change = (part: Record<string, unknown>) =>
    page.evaluate((part) => {
      const kept = JSON.parse(localStorage.getItem("shop.session") ?? "{}");
      localStorage.setItem("shop.session", JSON.stringify({ ...kept, ...part }));
    }, part);
  await change({ expiresAt: 0, idToken: "old" });
  await page.goto("/shop/account");
  await page.getByText("You have reviewed nothing yet").waitFor();
  await change({ expiresAt: 0, refreshToken: "gone" });
  await page.goto("/shop/account");
  await page.getByText("Your session has ended").waitFor();
});

test("the graph lights up a service that is asked", { skip }, async (t) => {
  const { page } = await visit(t, browser, fixture.url);
  await page.goto("/shop/topology");
  await page.locator(".node-name", { hasText: "orders" }).waitFor();
  const lit = page.locator(".node", { hasText: "reviews" }).locator(".node-lit");
  assert.equal(await lit.count(), 0);
  const other = await page.context().newPage();
  await other.goto("/shop/p/aloe-vera");
  await lit.waitFor({ state: "attached" });
  // Requests of somebody else are counted by the front.
  const login = page.locator(".node", { hasText: "login" }).locator(".node-lit");
  assert.equal(await login.count(), 0);
  await fetch(`${fixture.url}/login/me`);
  await login.waitFor({ state: "attached" });
  fixture.down.add("orders");
  await page.locator(".node-down", { hasText: "orders" }).waitFor();
  fixture.down.delete("orders");
});
