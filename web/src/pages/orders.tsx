import { useEffect, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { changed, useAnswer, usePages } from "../answers.ts";
import { api, data, type Order } from "../api/client.ts";
import { Corner, count, day, Heading, label, More, money, Picture, productPath, Waiting } from "../parts.tsx";
import { NeedsUser } from "./account.tsx";

/** After a checkout: the order is made of it some moments later, by a service that hears of it. */
export function Placed() {
  const { checkoutId = "" } = useRoute().params;
  const { route } = useLocation();
  const [late, setLate] = useState(false);
  useEffect(() => {
    let over = false;
    let timer = 0;
    const began = Date.now();
    const look = async () => {
      const { items } = await data(api.GET("/orders/mine", { params: { query: { limit: 10 } } })).catch(() => ({
        items: [] as Order[],
      }));
      const order = items.find((candidate) => candidate.checkoutId === checkoutId);
      if (over) return;
      if (order) {
        changed("mine/orders");
        return route(`/shop/orders/${encodeURIComponent(order.orderId)}?new=1`, true);
      }
      if (Date.now() - began > 15_000) setLate(true);
      timer = window.setTimeout(look, 700);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [checkoutId, route]);
  return (
    <section class="narrow">
      <Heading>Thank you</Heading>
      <p>We have your checkout and are making an order of it.</p>
      {late ? (
        <p>
          It takes longer than usual. Nothing is lost: the order appears in <a href="/shop/orders">your orders</a>.
        </p>
      ) : (
        <Waiting />
      )}
    </section>
  );
}

export function Orders() {
  return (
    <section class="narrow">
      <Heading>Your orders</Heading>
      <NeedsUser to="see your orders">
        <List />
      </NeedsUser>
    </section>
  );
}

function List() {
  const orders = usePages<Order, { items: Order[]; nextCursor?: string }>("mine/orders", (cursor) =>
    data(api.GET("/orders/mine", { params: { query: { limit: 10, cursor } } })),
  );
  return (
    <Corner of="Your orders" answer={orders}>
      {() =>
        orders.items.length === 0 ? (
          <p class="quiet">You have ordered nothing yet.</p>
        ) : (
          <>
            <ol class="orders">
              {orders.items.map((order) => (
                <li key={order.orderId}>
                  <a class="order" href={`/shop/orders/${encodeURIComponent(order.orderId)}`}>
                    <span class="order-pictures">
                      {order.lines.slice(0, 4).map(({ productId, name }) => (
                        <Picture key={productId} productId={productId} name={name} sizes="4rem" />
                      ))}
                    </span>
                    <span class="order-words">
                      <strong>{day(order.placedAt)}</strong>
                      <span class="quiet">
                        {count(
                          order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
                          "piece",
                        )}
                        , {label(order.state)}
                      </span>
                    </span>
                    <span class="price">{money(order.total)}</span>
                  </a>
                </li>
              ))}
            </ol>
            <More list={orders} />
          </>
        )
      }
    </Corner>
  );
}

export function OrderPage() {
  const { orderId = "" } = useRoute().params;
  const { query } = useLocation();
  return (
    <section class="narrow">
      <Heading>{query.new ? "Thank you for your order" : "Your order"}</Heading>
      <NeedsUser to="see your order">
        <Details orderId={orderId} />
      </NeedsUser>
    </section>
  );
}

function Details(props: { orderId: string }) {
  const { orderId } = props;
  const order = useAnswer(`order/${orderId}`, () =>
    data(api.GET("/orders/{orderId}", { params: { path: { orderId } } })),
  );
  return (
    <Corner of="The order" answer={order}>
      {({ lines, total, state, placedAt }) => (
        <>
          <dl class="order-facts">
            <div>
              <dt>Number</dt>
              <dd>{orderId}</dd>
            </div>
            <div>
              <dt>Placed</dt>
              <dd>{day(placedAt)}</dd>
            </div>
            <div>
              <dt>State</dt>
              <dd>{label(state)}</dd>
            </div>
          </dl>
          <ul class="summary-lines">
            {lines.map(({ productId, name, quantity, unitPrice }) => (
              <li key={productId}>
                <Picture productId={productId} name={name} sizes="4rem" />
                <span>
                  <a href={productPath(productId)}>{name}</a> <span class="quiet">× {quantity}</span>
                  <br />
                  <a
                    class="small-link"
                    href={`${productPath(productId)}/review`}
                    aria-label={`Write a review of ${name}`}
                  >
                    Write a review
                  </a>
                </span>
                <span>{money({ ...unitPrice, amount: unitPrice.amount * quantity })}</span>
              </li>
            ))}
          </ul>
          <p class="summary-total">
            <span>Total</span> <strong>{money(total)}</strong>
          </p>
          <p class="actions">
            <a class="button" href="/shop/orders">
              All orders
            </a>
            <a class="button quiet-button" href="/shop">
              Go on shopping
            </a>
          </p>
        </>
      )}
    </Corner>
  );
}
