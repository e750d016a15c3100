// The cart, and the checkout of it.

import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { changed, useAnswer } from "../answers.ts";
import { api, data, Failure, type Money, type Price } from "../api/client.ts";
import * as cart from "../cart.ts";
import { Broken, count, Heading, Icon, money, Picture, Problem, productPath, Quantity, Waiting } from "../parts.tsx";
import { signedIn } from "../session.ts";
import { NeedsUser } from "./account.tsx";

type Row = { line: cart.Line; product: Price | undefined };

/** The lines of the cart with their current prices. What the shop no longer sells has none. */
function useRows() {
  const lines = cart.lines.value;
  const ids = lines.map(({ productId }) => productId).sort();
  const products = useAnswer(ids.length > 0 ? `prices/${ids.join("/")}` : undefined, async () => {
    const { items } = await data(api.GET("/catalog/prices", { params: { query: { productId: ids } } }));
    return new Map(items.map((price) => [price.productId, price]));
  });
  const rows: Row[] = lines.map((line) => ({ line, product: products.data?.get(line.productId) }));
  return { rows, products };
}

function total(rows: readonly Row[]): Money | undefined {
  let sum: Money | undefined;
  for (const { line, product } of rows) {
    if (!product) return undefined;
    if (sum && sum.currency !== product.price.currency) return undefined;
    sum = { amount: (sum?.amount ?? 0) + product.price.amount * line.quantity, currency: product.price.currency };
  }
  return sum;
}

export function Cart() {
  const { rows, products } = useRows();
  const failure = cart.failure.value;
  if (!cart.known.value && !failure) {
    return (
      <>
        <Heading>Your cart</Heading>
        <Waiting lines={5} />
      </>
    );
  }
  const sum = total(rows);
  return (
    <>
      <Heading>Your cart</Heading>
      {failure && <Broken of="The cart" failure={failure} again={() => void cart.load()} />}
      {rows.length === 0 && !failure && (
        <div class="nothing">
          <p>There is nothing in it yet.</p>
          <a class="button primary" href="/shop">
            Look around
          </a>
        </div>
      )}
      {rows.length > 0 && (
        <div class="cart">
          <ul class="cart-lines">
            {rows.map(({ line, product }) => (
              <CartLine
                key={line.productId}
                line={line}
                product={product}
                waiting={products.asking}
                gone={!product && products.data !== undefined && !products.asking}
              />
            ))}
          </ul>
          <aside class="cart-sum" aria-label="Sum">
            {products.failure && !products.data && (
              <Broken of="Prices" failure={products.failure} again={products.again} asking={products.asking} />
            )}
            <dl>
              <div class="sum">
                <dt>{count(cart.pieces.value, "piece")}</dt>
                <dd>{sum ? money(sum) : "…"}</dd>
              </div>
            </dl>
            <a class="button primary wide" href="/shop/checkout">
              Check out
            </a>
            {!signedIn.value && <p class="quiet">You sign in there, and find this cart again on every device.</p>}
          </aside>
        </div>
      )}
    </>
  );
}

function CartLine(props: { line: cart.Line; product: Price | undefined; waiting: boolean; gone: boolean }) {
  const { line, product } = props;
  const name = product?.name ?? (props.waiting ? "…" : line.productId);
  const soldOut = product?.stock === 0;
  return (
    <li class="cart-line">
      <Picture productId={line.productId} name={name} sizes="8rem" />
      <div class="cart-line-facts">
        <h2>
          <a href={productPath(line.productId)}>{name}</a>
        </h2>
        {product && <p class="quiet">{money(product.price)} each</p>}
        {props.gone && <p class="error">We no longer sell it. Remove it to check out.</p>}
        {soldOut && <p class="error">Sold out. Remove it to check out.</p>}
        <div class="cart-line-change">
          <Quantity
            value={line.quantity}
            max={Math.min(cart.most, Math.max(product?.stock ?? cart.most, 1))}
            name={name}
            onChange={(n) => void cart.set(line.productId, n)}
          />
          <button
            type="button"
            class="icon-button"
            aria-label={`Remove ${name}`}
            onClick={() => void cart.set(line.productId, 0)}
          >
            <Icon name="trash" />
          </button>
        </div>
      </div>
      <p class="cart-line-sum">
        {product && money({ ...product.price, amount: product.price.amount * line.quantity })}
      </p>
    </li>
  );
}

const attempt = "shop.checkout";

type Attempt = { key: string; what: string };

function keptAttempt(): Attempt | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(attempt) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * The key of the checkout of this cart, the same one until it succeeds or the cart changes: whoever presses the button again after a
 * lost answer buys once.
 */
function idempotencyKey(): string {
  const what = JSON.stringify(cart.lines.value);
  const kept = keptAttempt();
  // An empty cart is one that the attempt has emptied.
  if (kept && (kept.what === what || cart.lines.value.length === 0)) return kept.key;
  const key = crypto.randomUUID();
  sessionStorage.setItem(attempt, JSON.stringify({ key, what } satisfies Attempt));
  return key;
}

export function Checkout() {
  const { route } = useLocation();
  const { rows, products } = useRows();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const sum = total(rows);
  const buy = async () => {
    setBusy(true);
    setProblem("");
    try {
      const params = { header: { "Idempotency-Key": idempotencyKey() } };
      // The total that is on the page: at another price the cart buys nothing.
      const { checkoutId } = await data(api.POST("/cart/checkout", { params, body: sum ? { total: sum } : {} }));
      sessionStorage.removeItem(attempt);
      cart.clear();
      changed("mine/orders");
      route(`/shop/placed/${encodeURIComponent(checkoutId)}`, true);
      void cart.load();
    } catch (error) {
      setProblem(error instanceof Failure ? [error.message, ...Object.values(error.fields)].join(" ") : String(error));
      if (error instanceof Failure && error.status >= 400 && error.status < 500) sessionStorage.removeItem(attempt);
      if (error instanceof Failure && error.status === 409) changed("prices/");
    } finally {
      setBusy(false);
    }
  };
  // The page was loaded again after an attempt whose answer was lost, and which did succeed: its answer is asked for again.
  const unfinished = signedIn.value && cart.known.value && rows.length === 0 && keptAttempt() !== undefined;
  useEffect(() => {
    if (unfinished) void buy();
  }, [unfinished]);
  return (
    <section class="narrow">
      <Heading>Check out</Heading>
      <NeedsUser to="check out. Your cart comes with you">
        {cart.failure.value && <Broken of="The cart" failure={cart.failure.value} again={() => void cart.load()} />}
        {products.failure && !products.data && <Broken of="Prices" failure={products.failure} again={products.again} />}
        {rows.length === 0 && cart.known.value && !busy ? (
          <p>
            Your cart is empty. <a href="/shop">Look around</a>
          </p>
        ) : (
          <>
            <ul class="summary-lines">
              {rows.map(({ line, product }) => (
                <li key={line.productId}>
                  <Picture productId={line.productId} name={product?.name ?? ""} sizes="4rem" />
                  <span>
                    {product?.name ?? line.productId} <span class="quiet">× {line.quantity}</span>
                  </span>
                  <span>{product && money({ ...product.price, amount: product.price.amount * line.quantity })}</span>
                </li>
              ))}
            </ul>
            <p class="summary-total">
              <span>Total</span> <strong>{sum ? money(sum) : "…"}</strong>
            </p>
            <p class="quiet">This shop charges nothing and sends nothing: the order is an entry in its books.</p>
            <Problem>{problem}</Problem>
            <p class="actions">
              <button
                type="button"
                class="button primary"
                disabled={busy || !cart.known.value}
                onClick={() => void buy()}
              >
                {sum ? `Place the order for ${money(sum)}` : "Place the order"}
              </button>
              <a class="button quiet-button" href="/shop/cart">
                Change the cart
              </a>
            </p>
          </>
        )}
      </NeedsUser>
    </section>
  );
}
