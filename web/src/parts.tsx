// The parts that pages are made of.
import type { ComponentChildren, PartialImgHTMLAttributes, PartialInputHTMLAttributes } from "preact";
import { useEffect, useErrorBoundary, useId, useRef, useState } from "preact/hooks";
import { type Answer, useAnswer } from "./answers.ts";
import { api, data, Failure, type Hit, type Money, type Photo, type Product } from "./api/client.ts";

/** A corner of the page that one service fills. When the service is down, it says so, and the rest of the page goes on. */
export function Corner<T>(props: {
  /** What the corner shows, as the subject of a sentence: "The reviews". */
  of: string;
  answer: Answer<T> & { again: () => void };
  waiting?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  const { answer, waiting = <Waiting /> } = props;
  if (answer.data !== undefined) {
    return (
      <Guard of={props.of} again={answer.again} data={answer.data}>
        <Shown data={answer.data}>{props.children}</Shown>
      </Guard>
    );
  }
  if (answer.failure)
    return <Broken of={props.of} failure={answer.failure} again={answer.again} asking={answer.asking} />;
  return <>{waiting}</>;
}

function Shown<T>(props: { data: T; children: (data: T) => ComponentChildren }) {
  return <>{props.children(props.data)}</>;
}

/** Keeps what cannot be drawn, such as an answer that is not what the service's OpenAPI file says, from the rest of the page. */
function Guard(props: { of: string; again: () => void; data: unknown; children: ComponentChildren }) {
  const [fault, reset] = useErrorBoundary();
  const faulty = useRef<unknown>(undefined);
  if (fault && faulty.current === undefined) faulty.current = props.data;
  useEffect(() => {
    if (!fault || faulty.current === props.data) return;
    // Another answer, which is worth another attempt.
    faulty.current = undefined;
    reset();
  });
  if (!fault) return <>{props.children}</>;
  return <Broken of={props.of} failure={new Failure(0, "The answer is not what we expect.")} again={props.again} />;
}

export function Broken(props: { of: string; failure: Failure; again: () => void; asking?: boolean }) {
  return (
    <div class="broken" role="status">
      <Icon name="unplugged" />
      <p>
        <strong>{props.of} cannot be shown at the moment.</strong> {props.failure.message}
      </p>
      <button type="button" class="button small" onClick={props.again} disabled={props.asking}>
        Try again
      </button>
    </div>
  );
}

export function Waiting(props: { lines?: number }) {
  return (
    <div class="waiting" aria-hidden="true">
      {Array.from({ length: props.lines ?? 3 }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

const icons = {
  search: "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13Zm4.7-1.8L20 20",
  cart: "M3 4h2.2l2.3 11h10.2L20 7.5H6M9 20a1 1 0 1 0 0-.1M17 20a1 1 0 1 0 0-.1",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5",
  minus: "M5 12h14",
  plus: "M12 5v14M5 12h14",
  arrow: "M5 12h14m-6-6 6 6-6 6",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19.5 7",
  sliders:
    "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4V8Zm8 8.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  unplugged: "M9 4v4m6-4v4M6.5 8h11v3.5a5.5 5.5 0 0 1-9 4.2M12 17v4M4 4l16 16",
  trash: "M5 7h14M10 7V4.5h4V7m-7.5 0 1 12.5h9L17.5 7M10.5 10.5v6m3-6v6",
};

export function Icon(props: { name: keyof typeof icons }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <path d={icons[props.name]} />
    </svg>
  );
}

/** The digits behind the point that a currency has, as amounts are in its smallest unit. */
function digits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

export function money({ amount, currency }: Money): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(amount / 10 ** digits(currency));
}

export function day(when: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date(when));
}

/** A category as people write it: "home-garden" is "Home garden". */
export function label(category: string): string {
  const words = category.replace(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

export function productPath(productId: string): string {
  return `/shop/p/${encodeURIComponent(productId)}`;
}

export function categoryPath(category: string): string {
  return `/shop/c/${encodeURIComponent(category)}`;
}

/** Stars as a picture with its number for those who do not see it. */
export function Stars(props: { value: number; count?: number | undefined }) {
  const value = Math.round(props.value * 10) / 10;
  return (
    <span class="stars">
      <span class="visually-hidden">{value} of 5 stars</span>
      <span class="stars-picture" aria-hidden="true" style={{ "--filled": `${(value / 5) * 100}%` }} />
      {props.count !== undefined && (
        <span class="stars-count">
          <span aria-hidden="true">{value.toFixed(1)}</span> ({props.count})
        </span>
      )}
    </span>
  );
}

export function usePhotos(productId: string | undefined) {
  return useAnswer(productId && `photos/${productId}`, async () => {
    const params = { path: { productId: productId ?? "" } };
    return (await data(api.GET("/photos/{productId}", { params }))).items;
  });
}

/** Becomes true when the element is on the screen or near it, and stays so. */
function useNear<E extends Element>() {
  const ref = useRef<E>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: "600px" },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return { ref, near };
}

export function photoSet(
  photo: Photo,
): Pick<PartialImgHTMLAttributes<HTMLImageElement>, "src" | "srcset" | "width" | "height"> {
  const sizes = [...photo.sizes].sort((a, b) => a.width - b.width);
  // The original can be tens of megabytes: it is shown only when nothing else is there.
  const smaller = sizes.filter(({ size }) => size !== "original");
  const shown = smaller.length > 0 ? smaller : sizes;
  const largest = shown.at(-1);
  return {
    src: largest?.path,
    srcset: shown.map(({ path, width }) => `${path} ${width}w`).join(", "),
    width: largest?.width,
    height: largest?.height,
  };
}

/** The first photo of a product. Without one there is a tile with the first letter of its name. */
export function Picture(props: { productId: string; name: string; sizes: string; alt?: string }) {
  const { ref, near } = useNear<HTMLSpanElement>();
  const photos = usePhotos(near ? props.productId : undefined);
  const [lost, setLost] = useState(false);
  const photo = photos.data?.[0];
  const none = lost || photos.failure !== undefined || (photos.data && !photo);
  return (
    <span ref={ref} class={`picture ${none ? "picture-none" : ""}`}>
      {photo && !lost && (
        <img
          {...photoSet(photo)}
          sizes={props.sizes}
          alt={props.alt ?? ""}
          decoding="async"
          onError={() => setLost(true)}
        />
      )}
      {none && <span aria-hidden="true">{props.name.charAt(0)}</span>}
    </span>
  );
}

type Shown = Pick<Product, "productId" | "name" | "price"> &
  Partial<Pick<Hit, "stars" | "reviews">> & { stock?: number | undefined };

export function ProductCard(props: { product: Shown; sizes?: string }) {
  const { productId, name, price, stars, reviews, stock } = props.product;
  return (
    <article class="card">
      <a href={productPath(productId)}>
        <Picture productId={productId} name={name} sizes={props.sizes ?? "(min-width: 60rem) 22rem, 45vw"} />
        <h3>{name}</h3>
      </a>
      <p class="card-facts">
        <span class="price">{money(price)}</span>
        {stars !== undefined && stars > 0 && <Stars value={stars} count={reviews} />}
        {stock === 0 && <span class="quiet">Sold out</span>}
      </p>
    </article>
  );
}

export function Cards(props: { products: readonly Shown[] }) {
  return (
    <ul class="cards">
      {props.products.map((product) => (
        <li key={product.productId}>
          <ProductCard product={product} />
        </li>
      ))}
    </ul>
  );
}

export function WaitingCards(props: { n?: number }) {
  return (
    <ul class="cards" aria-hidden="true">
      {Array.from({ length: props.n ?? 8 }, (_, i) => (
        <li key={i} class="card card-waiting">
          <span class="picture" />
          <span class="bar" />
          <span class="bar short" />
        </li>
      ))}
    </ul>
  );
}

/** A product that another service knows by its ID alone. One that cannot be read is left out. */
export function CardOf(props: { productId: string }) {
  const product = useProduct(props.productId);
  if (product.failure && !product.data) return null;
  return (
    <li>
      {product.data ? (
        <ProductCard product={product.data} sizes="16rem" />
      ) : (
        <span class="card card-waiting" aria-hidden="true">
          <span class="picture" />
          <span class="bar" />
        </span>
      )}
    </li>
  );
}

export function useProduct(productId: string | undefined) {
  return useAnswer(productId && `product/${productId}`, () =>
    data(api.GET("/catalog/products/{productId}", { params: { path: { productId: productId ?? "" } } })),
  );
}

/** The button below a list that has more pages. */
export function More(props: {
  list: { more?: (() => void) | undefined; askingMore: boolean; moreFailure?: Failure | undefined };
}) {
  const { more, askingMore, moreFailure } = props.list;
  if (!more) return null;
  if (moreFailure) return <Broken of="The rest of the list" failure={moreFailure} again={more} asking={askingMore} />;
  return (
    <p class="more">
      <button type="button" class="button quiet-button" onClick={more} disabled={askingMore}>
        Show more
      </button>
    </p>
  );
}

/** A row of products to scroll through. */
export function Rail(props: { title: string; note?: string; productIds: readonly string[] }) {
  const id = useId();
  if (props.productIds.length === 0) return null;
  return (
    <section class="rail" aria-labelledby={id}>
      <header class="section-head">
        <h2 id={id}>{props.title}</h2>
        {props.note && <p class="quiet">{props.note}</p>}
      </header>
      <ul>
        {props.productIds.map((productId) => (
          <CardOf key={productId} productId={productId} />
        ))}
      </ul>
    </section>
  );
}

/** A number of pieces, by buttons and by keyboard. */
export function Quantity(props: { value: number; max: number; name: string; onChange: (quantity: number) => void }) {
  const { value, max, onChange } = props;
  return (
    <fieldset class="quantity">
      <legend class="visually-hidden">Quantity of {props.name}</legend>
      <button type="button" aria-label="One less" disabled={value <= 1} onClick={() => onChange(value - 1)}>
        <Icon name="minus" />
      </button>
      <output aria-live="polite">{value}</output>
      <button type="button" aria-label="One more" disabled={value >= max} onClick={() => onChange(value + 1)}>
        <Icon name="plus" />
      </button>
    </fieldset>
  );
}

type Control = Omit<PartialInputHTMLAttributes<HTMLInputElement>, "onInput" | "value" | "role" | "type" | "list"> & {
  onInput: (value: string) => void;
  value: string;
  type?: "email" | "password";
};

/** A labelled input with what is wrong with it. */
export function Field(props: Control & { label: string; hint?: string; error?: string | undefined }) {
  const { label, hint, error, onInput, ...input } = props;
  const id = useId();
  const said = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        {...(input as object)}
        id={id}
        aria-describedby={said || undefined}
        aria-invalid={error ? true : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** What went wrong with a form, read out when it appears. */
export function Problem(props: { children: ComponentChildren }) {
  return <div role="alert">{props.children && <p class="problem">{props.children}</p>}</div>;
}

/** The heading of a page, which has the focus after a change of page, and the page's title. */
export function Heading(props: { children: string; hidden?: boolean }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.children} · Storefront`;
  }, [props.children]);
  useEffect(() => {
    // The first page leaves the focus where the browser puts it.
    if (navigated) ref.current?.focus({ preventScroll: true });
    navigated = true;
  }, []);
  return (
    <h1 ref={ref} tabIndex={-1} class={props.hidden ? "visually-hidden" : undefined}>
      {props.children}
    </h1>
  );
}

let navigated = false;
