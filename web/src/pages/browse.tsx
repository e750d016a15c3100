// Products of a category, and those that a search finds: both by search, which knows facets and stars. Where search is down, a
// category is still shown, as the catalog has it.

import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { usePages } from "../answers.ts";
import { api, data, type Hit, type Product, type Results, type Sort } from "../api/client.ts";
import { Broken, Cards, Corner, count, Heading, Icon, label, More, money, Stars, WaitingCards } from "../parts.tsx";

const sorts: Record<Sort, string> = {
  relevance: "Best match",
  stars: "Best reviewed",
  priceAscending: "Lowest price",
  priceDescending: "Highest price",
  name: "Name",
};

type Filters = { q?: string; category?: string; minPrice?: number; maxPrice?: number; minStars?: number; sort?: Sort };

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The filters as the address has them, so that a page of results can be sent to somebody, and the back button works. */
function useFilters(fixed: Filters): [Filters, (change: Partial<Filters>) => string] {
  const { path, query } = useLocation();
  const sort = query.sort as Sort | undefined;
  const filters: Filters = {
    q: query.q,
    category: query.category,
    minPrice: whole(query.minPrice),
    maxPrice: whole(query.maxPrice),
    minStars: whole(query.minStars),
    sort: sort && sort in sorts ? sort : undefined,
    ...fixed,
  };
  const address = (change: Partial<Filters>) => {
    const next = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filters, ...change })) {
      if (value !== undefined && value !== "" && !(name in fixed)) next.set(name, String(value));
    }
    return next.size > 0 ? `${path}?${next}` : path;
  };
  return [filters, address];
}

function useResults(filters: Filters) {
  const key = `search/${JSON.stringify(filters)}`;
  return usePages<Hit, Results>(key, (cursor) =>
    data(api.GET("/search", { params: { query: { ...filters, limit: 24, cursor } } })),
  );
}

export function Search() {
  const [filters, address] = useFilters({});
  const results = useResults(filters);
  return (
    <>
      <Heading>{filters.q ? `“${filters.q}”` : "All products"}</Heading>
      <Found filters={filters} address={address} results={results} />
    </>
  );
}

export function Category() {
  const { category = "" } = useRoute().params;
  const [filters, address] = useFilters({ category });
  const results = useResults(filters);
  return (
    <>
      <Heading>{label(category)}</Heading>
      {results.failure && !results.data ? (
        <>
          <Broken of="Filters and stars" failure={results.failure} again={results.again} asking={results.asking} />
          <Plain category={category} />
        </>
      ) : (
        <Found filters={filters} address={address} results={results} inCategory />
      )}
    </>
  );
}

/** A category as the catalog has it. */
function Plain(props: { category: string }) {
  const { category } = props;
  const products = usePages<Product, { items: Product[]; nextCursor?: string }>(`category/${category}`, (cursor) =>
    data(api.GET("/catalog/products", { params: { query: { category, limit: 24, cursor } } })),
  );
  return (
    <Corner of="The products" answer={products} waiting={<WaitingCards />}>
      {() => (
        <>
          <Cards products={products.items} />
          <More list={products} />
        </>
      )}
    </Corner>
  );
}

type Address = (change: Partial<Filters>) => string;

function Found(props: {
  filters: Filters;
  address: Address;
  results: ReturnType<typeof useResults>;
  inCategory?: boolean;
}) {
  const { filters, address, results, inCategory } = props;
  const { route } = useLocation();
  const [wide] = useState(() => matchMedia("(min-width: 60rem)").matches);
  const chosen = chips(filters, inCategory === true);
  return (
    <div class="browse">
      <details class="facets" open={wide}>
        <summary>
          <Icon name="sliders" /> Filters
        </summary>
        <Corner of="The filters" answer={results}>
          {({ facets }) => (
            <>
              {!inCategory && (
                <Facet
                  title="Category"
                  choices={facets.category.map(({ value, count }) => ({
                    text: label(value),
                    count,
                    chosen: filters.category === value,
                    href: address({ category: filters.category === value ? undefined : value }),
                  }))}
                />
              )}
              <Facet
                title="Price"
                choices={facets.price.map(({ min, max, count }) => {
                  const chosen =
                    (filters.minPrice ?? 0) === min && filters.maxPrice === max && (min > 0 || max !== undefined);
                  return {
                    text: range(min, max, currencyOf(results.items)),
                    count,
                    chosen,
                    href: address(
                      chosen
                        ? { minPrice: undefined, maxPrice: undefined }
                        : { minPrice: min || undefined, maxPrice: max },
                    ),
                  };
                })}
              />
              <Facet
                title="Reviews"
                choices={facets.stars.map(({ min, count }) => ({
                  text: <Stars value={min} />,
                  after: "or more",
                  count,
                  chosen: filters.minStars === min,
                  href: address({ minStars: filters.minStars === min ? undefined : min }),
                }))}
              />
            </>
          )}
        </Corner>
      </details>
      <section class="found" aria-label="Products">
        <div class="found-head">
          <p role="status">{results.data ? count(results.data.total, "product") : " "}</p>
          {chosen.length > 0 && (
            <ul class="chips">
              {chosen.map(({ text, without }) => (
                <li key={text}>
                  <a href={address(without)} aria-label={`Without ${text}`}>
                    {text} <Icon name="close" />
                  </a>
                </li>
              ))}
            </ul>
          )}
          <label class="sort">
            <span>Sort by</span>
            <select
              value={filters.sort ?? "relevance"}
              onChange={(event) => route(address({ sort: event.currentTarget.value as Sort }))}
            >
              {Object.entries(sorts).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Corner of="The search" answer={results} waiting={<WaitingCards n={12} />}>
          {({ total, suggestions }) =>
            total > 0 ? (
              <>
                <Cards products={results.items} />
                <More list={results} />
              </>
            ) : (
              <div class="nothing">
                <p>Nothing matches{filters.q ? ` “${filters.q}”` : ""} with these filters.</p>
                {suggestions?.map((q) => (
                  <p key={q}>
                    Did you mean <a href={address({ q })}>{q}</a>?
                  </p>
                ))}
                <p>
                  <a
                    class="button"
                    href={
                      inCategory
                        ? address({ minPrice: undefined, maxPrice: undefined, minStars: undefined })
                        : "/shop/search"
                    }
                  >
                    {inCategory ? "Remove the filters" : "See all products"}
                  </a>
                </p>
              </div>
            )
          }
        </Corner>
      </section>
    </div>
  );
}

function currencyOf(items: readonly Hit[]): string {
  return items[0]?.price.currency ?? "EUR";
}

function range(min: number, max: number | undefined, currency: string): string {
  const of = (amount: number) => money({ amount, currency }).replace(/\.00$/, "");
  if (max === undefined) return `${of(min)} or more`;
  return min === 0 ? `Up to ${of(max)}` : `${of(min)} to ${of(max)}`;
}

function chips(filters: Filters, inCategory: boolean): { text: string; without: Partial<Filters> }[] {
  const { category, minPrice, maxPrice, minStars } = filters;
  const chosen: { text: string; without: Partial<Filters> }[] = [];
  if (category && !inCategory) chosen.push({ text: label(category), without: { category: undefined } });
  if (minPrice !== undefined || maxPrice !== undefined) {
    chosen.push({ text: range(minPrice ?? 0, maxPrice, "EUR"), without: { minPrice: undefined, maxPrice: undefined } });
  }
  if (minStars !== undefined) chosen.push({ text: `${minStars} stars or more`, without: { minStars: undefined } });
  return chosen;
}

type Choice = { text: preact.ComponentChildren; after?: string; count: number; chosen: boolean; href: string };

function Facet(props: { title: string; choices: Choice[] }) {
  if (props.choices.length === 0) return null;
  return (
    <section class="facet">
      <h2>{props.title}</h2>
      <ul>
        {props.choices.map(({ text, after, count, chosen, href }) => (
          <li key={href}>
            <a href={href} aria-current={chosen ? "true" : undefined}>
              <span class="tick" aria-hidden="true">
                {chosen && <Icon name="check" />}
              </span>
              <span>
                {text} {after}
              </span>
              <span class="quiet">
                {count}
                <span class="visually-hidden"> products</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
