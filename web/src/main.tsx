// The shop's page: a route for each page, below /shop.

import { type ComponentChildren, render } from "preact";
import { useEffect } from "preact/hooks";
import { ErrorBoundary, LocationProvider, Route, Router } from "preact-iso";
import { forget } from "./answers.ts";
import * as cart from "./cart.ts";
import { Footer, Header } from "./layout.tsx";
import { Account, Confirm, Forgot, SignIn, SignUp } from "./pages/account.tsx";
import { Category, Search } from "./pages/browse.tsx";
import { Cart, Checkout } from "./pages/cart.tsx";
import { Home } from "./pages/home.tsx";
import { Moderate } from "./pages/moderate.tsx";
import { OrderPage, Orders, Placed } from "./pages/orders.tsx";
import { ProductPage } from "./pages/product.tsx";
import { WriteReview } from "./pages/review.tsx";
import { Topology } from "./pages/topology.tsx";
import { Heading } from "./parts.tsx";
import { signedIn } from "./session.ts";

function NotFound() {
  return (
    <section class="narrow">
      <Heading>This page does not exist</Heading>
      <p>
        Go to the <a href="/shop">front page</a>, or search for what you are looking for.
      </p>
    </section>
  );
}

function Shop() {
  const user = signedIn.value;
  useEffect(() => {
    forget("mine/", "me", "order");
    void cart.load();
  }, [user]);
  return (
    <>
      <Header />
      <main id="page">
        <Boundary>
          <Router>
            <Route path="/shop" component={Home} />
            <Route path="/shop/c/:category" component={Category} />
            <Route path="/shop/search" component={Search} />
            <Route path="/shop/p/:productId" component={ProductPage} />
            <Route path="/shop/p/:productId/review" component={WriteReview} />
            <Route path="/shop/sign-up" component={SignUp} />
            <Route path="/shop/confirm" component={Confirm} />
            <Route path="/shop/sign-in" component={SignIn} />
            <Route path="/shop/forgot" component={Forgot} />
            <Route path="/shop/account" component={Account} />
            <Route path="/shop/cart" component={Cart} />
            <Route path="/shop/checkout" component={Checkout} />
            <Route path="/shop/placed/:checkoutId" component={Placed} />
            <Route path="/shop/orders" component={Orders} />
            <Route path="/shop/orders/:orderId" component={OrderPage} />
            <Route path="/shop/moderate" component={Moderate} />
            <Route path="/shop/topology" component={Topology} />
            <Route default component={NotFound} />
          </Router>
        </Boundary>
      </main>
      <Footer />
    </>
  );
}

/** A fault of one page leaves the header and the way to the others. */
function Boundary(props: { children: ComponentChildren }) {
  return <ErrorBoundary onError={(error) => console.error(error)}>{props.children}</ErrorBoundary>;
}

// A front that has no redirect serves the page at / itself.
if (location.pathname === "/") history.replaceState(null, "", "/shop");

const root = document.getElementById("shop");
if (root) {
  render(
    <LocationProvider scope="/shop">
      <Shop />
    </LocationProvider>,
    root,
  );
}
