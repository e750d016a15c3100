import { useAnswer, usePages } from "../answers.ts";
import { api, data, type Product } from "../api/client.ts";
import { useCategories } from "../layout.tsx";
import {
  Cards,
  Corner,
  categoryPath,
  Heading,
  label,
  More,
  Picture,
  productPath,
  Rail,
  Stars,
  WaitingCards,
} from "../parts.tsx";
import { signedIn } from "../session.ts";

export function Home() {
  const categories = useCategories();
  return (
    <>
      <section class="hero">
        <div class="hero-words">
          <Featured />
          <Heading>Good things, and what people say about them</Heading>
          <p>For the desk, the living room, the garden and the road.</p>
          <a class="button accent" href="/shop/search?sort=stars">
            See the best reviewed
          </a>
        </div>
        <Corner
          of="The categories"
          answer={categories}
          waiting={<div class="hero-tiles hero-waiting" aria-hidden="true" />}
        >
          {(items) => (
            <ul class="hero-tiles" aria-label="Categories">
              {items.map(({ name }) => (
                <li key={name}>
                  <CategoryTile category={name} />
                </li>
              ))}
            </ul>
          )}
        </Corner>
      </section>
      <BestReviewed />
      <Liked />
      <All />
    </>
  );
}

/** A category with the photo of one of its products. */
function CategoryTile(props: { category: string }) {
  const { category } = props;
  const first = useAnswer(`first/${category}`, async () => {
    const { items } = await data(api.GET("/catalog/products", { params: { query: { category, limit: 1 } } }));
    return items[0];
  });
  return (
    <a class="tile" href={categoryPath(category)}>
      {first.data ? (
        <Picture productId={first.data.productId} name={label(category)} sizes="(min-width: 60rem) 40vw, 60vw" />
      ) : (
        <span class="picture" />
      )}
      <span class="tile-name">{label(category)}</span>
    </a>
  );
}

function useBest() {
  return useAnswer("best", () =>
    data(api.GET("/search", { params: { query: { sort: "stars", minStars: 4, limit: 8 } } })),
  );
}

/** The product that customers like best. Without it the words stand alone. */
function Featured() {
  const product = useBest().data?.items?.[0];
  if (!product) return null;
  return (
    <a class="featured" href={productPath(product.productId)}>
      <Picture productId={product.productId} name={product.name} sizes="(min-width: 60rem) 36rem, 90vw" />
      <span class="featured-words">
        {product.name} <Stars value={product.stars ?? 0} />
      </span>
    </a>
  );
}

function BestReviewed() {
  const best = useBest();
  return (
    <section aria-labelledby="best">
      <header class="section-head">
        <h2 id="best">Best reviewed</h2>
        <a href="/shop/search?sort=stars">All by their stars</a>
      </header>
      <Corner of="The best reviewed" answer={best} waiting={<WaitingCards />}>
        {({ items }) => (items.length > 0 ? <Cards products={items} /> : <p class="quiet">Nothing is reviewed yet.</p>)}
      </Corner>
    </section>
  );
}

/** What people liked who liked what the user gave four stars or more. */
function Liked() {
  const mine = useAnswer(signedIn.value ? "mine/reviews" : undefined, async () =>
    data(api.GET("/reviews/mine", { params: { query: { limit: 50 } } })),
  );
  const liked = (mine.data?.items ?? []).filter(({ stars }) => stars >= 4).map(({ productId }) => productId);
  const recommended = useAnswer(liked.length > 0 ? `liked/${liked.join("/")}` : undefined, async () =>
    data(api.GET("/recommendations/liked", { params: { query: { productId: liked, limit: 10 } } })),
  );
  if (liked.length === 0) return null;
  return (
    <Corner of="What we recommend to you" answer={recommended} waiting={null}>
      {({ items }) => (
        <Rail
          title="Because of what you liked"
          note="From people whose reviews are like yours."
          productIds={items.map(({ productId }) => productId)}
        />
      )}
    </Corner>
  );
}

function All() {
  const products = usePages<Product, { items: Product[]; nextCursor?: string }>("all", (cursor) =>
    data(api.GET("/catalog/products", { params: { query: { limit: 12, cursor } } })),
  );
  return (
    <section aria-labelledby="all">
      <header class="section-head">
        <h2 id="all">Everything</h2>
      </header>
      <Corner of="The products" answer={products} waiting={<WaitingCards />}>
        {() => (
          <>
            <Cards products={products.items} />
            <More list={products} />
          </>
        )}
      </Corner>
    </section>
  );
}
