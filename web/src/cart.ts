// The cart: in localStorage until somebody signs in, then in the service, into which the one of localStorage is merged.
import { computed, signal } from "@preact/signals";
import { api, data, Failure } from "./api/client.ts";
import { signedIn } from "./session.ts";

export type Line = { productId: string; quantity: number };

const key = "shop.cart";

/** The most pieces of one product that can be chosen on the page. */
export const most = 99;

function stored(): Line[] {
  try {
    const lines = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(lines) ? lines : [];
  } catch {
    return [];
  }
}

export const lines = signal<Line[]>(stored());
export const pieces = computed(() => lines.value.reduce((sum, line) => sum + line.quantity, 0));
/** Why the cart cannot be shown or changed. */
export const failure = signal<Failure | undefined>(undefined);
/** Set when the cart is what the service says. */
export const known = signal(!signedIn.value);

function show(items: readonly Line[]): void {
  lines.value = items.map(({ productId, quantity }) => ({ productId, quantity }));
  known.value = true;
  failure.value = undefined;
}

async function attempt(change: () => Promise<void>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    failure.value = error instanceof Failure ? error : new Failure(0, String(error));
    return false;
  }
}

/** Reads the cart of the user who is signed in, merging what was put into it before. */
export function load(): Promise<boolean> {
  return attempt(async () => {
    if (!signedIn.value) return show(stored());
    const before = stored();
    if (before.length > 0) {
      await data(api.POST("/cart/merge", { body: { items: before } }));
      localStorage.removeItem(key);
    }
    show((await data(api.GET("/cart/items"))).items);
  });
}

/** Sets how many pieces of a product are in the cart; none removes it. */
export async function set(productId: string, quantity: number): Promise<boolean> {
  const before = lines.value;
  const there = before.some((line) => line.productId === productId);
  const after = there
    ? before.map((line) => (line.productId === productId ? { productId, quantity } : line))
    : [...before, { productId, quantity }];
  lines.value = after.filter((line) => line.quantity > 0);
  failure.value = undefined;
  if (!signedIn.value) {
    localStorage.setItem(key, JSON.stringify(lines.value));
    return true;
  }
  const done = await attempt(async () => {
    const params = { path: { productId } };
    if (quantity > 0) await data(api.PUT("/cart/items/{productId}", { params, body: { quantity } }));
    else await data(api.DELETE("/cart/items/{productId}", { params }));
  });
  if (!done) lines.value = before;
  return done;
}

export function add(productId: string, quantity: number): Promise<boolean> {
  const now = lines.value.find((line) => line.productId === productId)?.quantity ?? 0;
  return set(productId, Math.min(now + quantity, most));
}

/** Empties what is shown, after a checkout or when a user signs out. */
export function clear(): void {
  localStorage.removeItem(key);
  lines.value = [];
  known.value = !signedIn.value;
  failure.value = undefined;
}

// Another tab changed the cart of somebody who is not signed in.
addEventListener("storage", (event) => {
  if (event.key === key && !signedIn.value) lines.value = stored();
});
