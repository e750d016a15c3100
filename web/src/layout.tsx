// What surrounds each page: the header with its search, and the footer.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useAnswer } from "./answers.ts";
import { api, data } from "./api/client.ts";
import { pieces } from "./cart.ts";
import { categoryPath, count, Icon, label, money, Picture, productPath } from "./parts.tsx";
import { email, expired, signedIn } from "./session.ts";

export function useCategories() {
  return useAnswer("categories", async () => (await data(api.GET("/catalog/categories"))).items);
}

export function Header() {
  const { path } = useLocation();
  const categories = useCategories();
  const n = pieces.value;
  return (
    <header class="header">
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <div class="header-row">
        <a class="wordmark" href="/shop">
          Storefront
        </a>
        <SearchBox />
        <nav class="header-links" aria-label="You">
          <a
            href={signedIn.value ? "/shop/account" : "/shop/sign-in"}
            aria-current={path === "/shop/account" ? "page" : undefined}
          >
            <Icon name="person" />
            <span>{signedIn.value ? "Account" : "Sign in"}</span>
          </a>
          <a href="/shop/cart" aria-current={path === "/shop/cart" ? "page" : undefined}>
            <span class="cart-icon">
              <Icon name="cart" />
              {n > 0 && <b aria-hidden="true">{n}</b>}
            </span>
            <span>Cart</span> <span class="visually-hidden">{count(n, "piece")}</span>
          </a>
        </nav>
      </div>
      {categories.data && (
        <nav class="header-categories" aria-label="Categories">
          <ul>
            {categories.data.map(({ name }) => (
              <li key={name}>
                <a href={categoryPath(name)} aria-current={path === categoryPath(name) ? "page" : undefined}>
                  {label(name)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {expired.value && (
        <p class="notice" role="status">
          Your session has ended. <a href="/shop/sign-in">Sign in again</a>
        </p>
      )}
    </header>
  );
}

type Option = { key: string; text: string; href: string; product?: { productId: string; price: string } };

/** The search, with suggestions while one types: the combobox of the ARIA practices, a text box that owns a list of options. */
function SearchBox() {
  const { route, query, path } = useLocation();
  const id = useId();
  const box = useRef<HTMLFormElement>(null);
  const asked = path === "/shop/search" ? (query.q ?? "") : "";
  const [text, setText] = useState(asked);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [settled, setSettled] = useState("");

  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), 120);
    return () => clearTimeout(timer);
  }, [text]);

  const found = useAnswer(open && settled.length > 1 ? `suggest/${settled}` : undefined, () =>
    data(api.GET("/search", { params: { query: { q: settled, suggest: true, limit: 5 } } })),
  );
  // Those of the letters before stay until the next ones are there.
  const latest = useRef(found.data);
  if (found.data || !open) latest.current = found.data;
  const options: Option[] = [
    ...(latest.current?.suggestions ?? [])
      .filter((text) => !latest.current?.items.some(({ name }) => name === text))
      .slice(0, 3)
      .map((text) => ({ key: `q/${text}`, text, href: `/shop/search?q=${encodeURIComponent(text)}` })),
    ...(latest.current?.items ?? []).map(({ productId, name, price }) => ({
      key: productId,
      text: name,
      href: productPath(productId),
      product: { productId, price: money(price) },
    })),
  ];
  const shown = open && options.length > 0;

  const go = (href: string) => {
    setOpen(false);
    setActive(-1);
    route(href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      setOpen(false);
      setActive(-1);
    }
    if (!shown || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    // One more position than options: that of the text itself.
    const positions = options.length + 1;
    setActive((now) => ((now + 1 + step + positions) % positions) - 1);
  };
  return (
    <search class="search">
      <form
        ref={box}
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = shown ? options[active] : undefined;
          if (chosen) go(chosen.href);
          else if (text.trim()) go(`/shop/search?q=${encodeURIComponent(text.trim())}`);
        }}
        onFocusOut={(event) => {
          if (!box.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
        }}
      >
        <input
          type="text"
          enterkeyhint="search"
          role="combobox"
          aria-label="Search the shop"
          placeholder="Search"
          autocomplete="off"
          aria-expanded={shown}
          aria-controls={`${id}-options`}
          aria-autocomplete="list"
          aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setActive(-1);
            setOpen(true);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" aria-label="Search">
          <Icon name="search" />
        </button>
        <div class="suggestions" role="listbox" id={`${id}-options`} aria-label="Suggestions" hidden={!shown}>
          {options.map((option, i) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the text box keeps the focus and names the active option.
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text box.
            <div
              key={option.key}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === active}
              class={option.product ? "suggestion" : "suggestion suggestion-text"}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(option.href)}
            >
              {option.product ? (
                <>
                  <Picture productId={option.product.productId} name={option.text} sizes="3rem" />
                  <span>{option.text}</span>
                  <span class="quiet">{option.product.price}</span>
                </>
              ) : (
                <>
                  <Icon name="search" />
                  <span>{option.text}</span>
                </>
              )}
            </div>
          ))}
        </div>
      </form>
    </search>
  );
}

export function Footer() {
  return (
    <footer class="footer">
      <div>
        <p class="wordmark">Storefront</p>
        <p>A shop that runs on your machine. Nothing is charged and nothing is sent.</p>
      </div>
      <nav aria-label="More">
        <ul>
          <li>
            <a href="/shop/orders">Your orders</a>
          </li>
          <li>
            <a href="/shop/topology">How it works, live</a>
          </li>
          <li>
            <a href="/shop/moderate">Photos to approve</a>
          </li>
        </ul>
      </nav>
      {signedIn.value && <p class="quiet">Signed in as {email.value}</p>}
    </footer>
  );
}
