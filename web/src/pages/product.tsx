import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { useAnswer, usePages } from "../answers.ts";
import { api, data, type Photo, type Product, type Review } from "../api/client.ts";
import { add, failure as cartFailure, lines, most } from "../cart.ts";
import {
  Corner,
  categoryPath,
  count,
  day,
  Heading,
  Icon,
  label,
  More,
  money,
  Problem,
  photoSet,
  productPath,
  Quantity,
  Rail,
  Stars,
  usePhotos,
  useProduct,
  Waiting,
} from "../parts.tsx";

export function ProductPage() {
  const { productId = "" } = useRoute().params;
  const product = useProduct(productId);
  if (product.failure?.status === 404) {
    return (
      <section class="narrow">
        <Heading>This product does not exist</Heading>
        <p>
          It may be sold no longer. <a href="/shop">Look at what is</a>
        </p>
      </section>
    );
  }
  return (
    // The key begins the page anew for another product: its quantity, and the photo that is shown.
    <div key={productId}>
      <div class="product">
        <Gallery productId={productId} name={product.data?.name ?? ""} />
        <Corner of="The product" answer={product} waiting={<Waiting lines={6} />}>
          {(it) => <Facts product={it} />}
        </Corner>
      </div>
      <BoughtTogether productId={productId} />
      <Reviews productId={productId} />
    </div>
  );
}

function Gallery(props: { productId: string; name: string }) {
  const photos = usePhotos(props.productId);
  const [chosen, setChosen] = useState(0);
  const shown = photos.data?.[chosen] ?? photos.data?.[0];
  return (
    <div class="gallery">
      <Corner of="The photos" answer={photos} waiting={<span class="picture gallery-photo" />}>
        {(items) =>
          shown ? (
            <>
              <figure>
                <a class="gallery-photo picture" href={original(shown)} aria-label="The photo in its full size">
                  <img
                    {...photoSet(shown)}
                    sizes="(min-width: 60rem) 50vw, 100vw"
                    alt={shown.alt || props.name}
                    fetchpriority="high"
                  />
                </a>
                {shown.credit && <figcaption>{shown.credit}</figcaption>}
              </figure>
              {items.length > 1 && (
                <ul class="thumbs" aria-label="Photos">
                  {items.map((photo, i) => (
                    <li key={photo.photoId}>
                      <button
                        type="button"
                        class="picture"
                        aria-label={`Photo ${i + 1} of ${items.length}`}
                        aria-pressed={photo === shown}
                        onClick={() => setChosen(i)}
                      >
                        <img src={smallest(photo)} alt="" />
                      </button>
                    </li>
                  ))}
                </ul>
              )}
            </>
          ) : (
            <span class="picture picture-none gallery-photo">
              <span aria-hidden="true">{props.name.charAt(0)}</span>
            </span>
          )
        }
      </Corner>
    </div>
  );
}

function smallest(photo: Photo): string | undefined {
  return [...photo.sizes].sort((a, b) => a.width - b.width)[0]?.path;
}

function original(photo: Photo): string | undefined {
  return photo.sizes.find(({ size }) => size === "original")?.path;
}

function Facts(props: { product: Product }) {
  const { productId, name, description, category, price, stock, withdrawn } = props.product;
  const [quantity, setQuantity] = useState(1);
  const [added, setAdded] = useState(0);
  const [refused, setRefused] = useState(false);
  const summary = useSummary(productId);
  const inCart = lines.value.find((line) => line.productId === productId)?.quantity ?? 0;
  const sold = stock > 0 && !withdrawn;
  return (
    <div class="facts">
      <p class="facts-category">
        <a href={categoryPath(category)}>{label(category)}</a>
      </p>
      <Heading>{name}</Heading>
      {summary.data && summary.data.count > 0 && (
        <p>
          <a class="plain" href="#reviews">
            <Stars value={summary.data.average} count={summary.data.count} />
          </a>
        </p>
      )}
      <p class="facts-price">{money(price)}</p>
      <p class="facts-text">{description}</p>
      {sold && <p class="stock">{stock <= 5 ? `Only ${stock} left` : "In stock"}</p>}
      {sold ? (
        <form
          class="buy"
          onSubmit={async (event) => {
            event.preventDefault();
            setRefused(false);
            if (await add(productId, quantity)) setAdded(added + quantity);
            else setRefused(true);
          }}
        >
          <Quantity value={quantity} max={Math.min(most, stock)} name={name} onChange={setQuantity} />
          <button type="submit" class="button primary">
            Add to cart
          </button>
        </form>
      ) : (
        <p class="problem">{withdrawn ? "This product is sold no longer." : "Sold out."}</p>
      )}
      <Problem>{refused && `The cart did not take it. ${cartFailure.value?.message ?? ""}`}</Problem>
      <p class="added" role="status">
        {added > 0 && !refused && (
          <>
            <Icon name="check" /> {count(inCart, "piece")} in your cart. <a href="/shop/cart">To the cart</a>
          </>
        )}
      </p>
    </div>
  );
}

function useSummary(productId: string) {
  return useAnswer(`reviews/${productId}/summary`, () =>
    data(api.GET("/reviews/{productId}/summary", { params: { path: { productId } } })),
  );
}

function BoughtTogether(props: { productId: string }) {
  const { productId } = props;
  const together = useAnswer(`together/${productId}`, () =>
    data(api.GET("/recommendations/{productId}", { params: { path: { productId }, query: { limit: 10 } } })),
  );
  return (
    <Corner of="What others bought with it" answer={together} waiting={null}>
      {({ items }) => <Rail title="Bought together" productIds={items.map((item) => item.productId)} />}
    </Corner>
  );
}

function Reviews(props: { productId: string }) {
  const { productId } = props;
  const summary = useSummary(productId);
  const reviews = usePages<Review, { items: Review[]; nextCursor?: string }>(`reviews/${productId}/list`, (cursor) =>
    data(api.GET("/reviews/{productId}", { params: { path: { productId }, query: { limit: 10, cursor } } })),
  );
  return (
    <section class="reviews" id="reviews" aria-labelledby="reviews-title">
      <div class="reviews-summary">
        <h2 id="reviews-title">Reviews</h2>
        <Corner of="The average" answer={summary}>
          {({ average, count: n, histogram }) =>
            n > 0 ? (
              <>
                <p class="average">
                  <strong>{average.toFixed(1)}</strong> <Stars value={average} />
                  <span class="quiet">{count(n, "review")}</span>
                </p>
                <Histogram counts={histogram} />
              </>
            ) : (
              <p class="quiet">Nobody has reviewed it yet.</p>
            )
          }
        </Corner>
        <a class="button" href={`${productPath(productId)}/review`}>
          Write a review
        </a>
      </div>
      <Corner of="The reviews" answer={reviews}>
        {() => (
          <div>
            <ol class="review-list">
              {reviews.items.map((review) => (
                <li key={review.reviewId}>
                  <ReviewText review={review} />
                </li>
              ))}
            </ol>
            <More list={reviews} />
          </div>
        )}
      </Corner>
    </section>
  );
}

function Histogram(props: { counts: readonly number[] }) {
  const all = props.counts.reduce((sum, n) => sum + n, 0) || 1;
  return (
    <ol class="histogram" aria-label="How often each number of stars was given">
      {[5, 4, 3, 2, 1].map((stars) => {
        const n = props.counts[stars - 1] ?? 0;
        return (
          <li key={stars}>
            <span>
              {stars}
              <span class="visually-hidden"> stars</span>
            </span>
            <span class="histogram-bar" aria-hidden="true" style={{ "--share": `${(n / all) * 100}%` }} />
            <span class="quiet">{n}</span>
          </li>
        );
      })}
    </ol>
  );
}

export function ReviewText(props: { review: Review }) {
  const { stars, title, text, authorName, postedAt, editedAt } = props.review;
  return (
    <article class="review">
      <Stars value={stars} />
      {title && <h3>{title}</h3>}
      {text.split(/\n+/).map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <p class="quiet">
        {authorName || "A customer"}, {day(postedAt)}
        {editedAt && ", changed since"}
      </p>
    </article>
  );
}
