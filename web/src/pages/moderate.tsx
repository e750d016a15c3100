// For administrators of the photos: those that wait until somebody has looked at them.

import { useRef, useState } from "preact/hooks";
import { changed, usePages } from "../answers.ts";
import { api, data, Failure, type Photo } from "../api/client.ts";
import { Corner, count, day, Heading, Icon, More, Problem, photoSet, productPath, useProduct } from "../parts.tsx";
import { email } from "../session.ts";
import { NeedsUser } from "./account.tsx";

export function Moderate() {
  return (
    <>
      <Heading>Photos to approve</Heading>
      <NeedsUser to="approve photos">
        <Hidden />
      </NeedsUser>
    </>
  );
}

type Page = { items: Photo[]; nextCursor?: string };

function Hidden() {
  const photos = usePages<Photo, Page>("mine/hidden", (cursor) =>
    data(api.GET("/photos/hidden", { params: { query: { limit: 24, cursor } } })),
  );
  const [decided, setDecided] = useState<readonly string[]>([]);
  const [said, setSaid] = useState("");
  const status = useRef<HTMLParagraphElement>(null);
  if (photos.failure?.status === 403) {
    return (
      <p>
        Only administrators of the photos see them, and {email.value} is none. <a href="/shop/account">Your account</a>
      </p>
    );
  }
  const decide = (photo: Photo, what: string) => {
    setDecided((now) => [...now, photo.photoId]);
    setSaid(what);
    changed("mine/hidden", `photos/${photo.productId}`);
    // The button that had the focus is gone.
    status.current?.focus();
  };
  const waiting = photos.items.filter(({ photoId }) => !decided.includes(photoId));
  return (
    <>
      <p class="quiet">A photo that a customer sends is shown to nobody else before you approve it.</p>
      <p ref={status} class="moderate-said" role="status" tabIndex={-1}>
        {said && (
          <>
            <Icon name="check" /> {said}
          </>
        )}
      </p>
      <Corner of="The photos" answer={photos}>
        {() => (
          <>
            <p>
              {waiting.length === 0 ? "No photo waits." : `${count(waiting.length, "photo waits", "photos wait")}.`}
            </p>
            <ul class="moderate">
              {waiting.map((photo) => (
                <li key={photo.photoId}>
                  <Waits photo={photo} onDecision={decide} />
                </li>
              ))}
            </ul>
            <More list={photos} />
          </>
        )}
      </Corner>
    </>
  );
}

function Waits(props: { photo: Photo; onDecision: (photo: Photo, what: string) => void }) {
  const { photo, onDecision } = props;
  const { productId, photoId, alt, credit, uploadedAt } = photo;
  const product = useProduct(productId);
  const name = product.data?.name ?? productId;
  const [lost, setLost] = useState(false);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const params = { path: { productId, photoId } };
  const send = async (act: () => Promise<unknown>, what: string) => {
    setBusy(true);
    setProblem("");
    try {
      await act();
      onDecision(photo, what);
    } catch (error) {
      setProblem(error instanceof Failure ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <article>
      {lost ? (
        <span class="picture picture-none">
          <button type="button" class="button small" onClick={() => changed("mine/hidden")}>
            Load the photo again
          </button>
        </span>
      ) : (
        // The address is that of the store, and valid for ten minutes.
        <a
          class="picture"
          href={photo.sizes.find(({ size }) => size === "original")?.path}
          target="_blank"
          rel="noopener"
        >
          <img
            {...photoSet(photo)}
            sizes="(min-width: 60rem) 22rem, 90vw"
            alt={alt || `A photo of ${name}`}
            onError={() => setLost(true)}
          />
        </a>
      )}
      <h2>
        <a href={productPath(productId)}>{name}</a>
      </h2>
      <p>{alt ? `“${alt}”` : "Nothing says what it shows."}</p>
      <p class="quiet">
        {day(uploadedAt)}
        {credit && `, ${credit}`}
      </p>
      <Problem>{problem}</Problem>
      <p class="actions">
        <button
          type="button"
          class="button primary"
          disabled={busy}
          aria-label={`Approve the photo of ${name}`}
          onClick={() =>
            void send(
              () => data(api.POST("/photos/{productId}/{photoId}/approve", { params })),
              `The photo of ${name} is shown now.`,
            )
          }
        >
          Approve
        </button>
        <button
          type="button"
          class="button quiet-button"
          disabled={busy}
          aria-label={sure ? `Delete it for good, the photo of ${name}` : `Reject the photo of ${name}`}
          onBlur={() => setSure(false)}
          onClick={() => {
            if (!sure) return setSure(true);
            void send(
              () => data(api.DELETE("/photos/{productId}/{photoId}", { params })),
              `The photo of ${name} is deleted.`,
            );
          }}
        >
          {sure ? "Delete it for good" : "Reject"}
        </button>
      </p>
    </article>
  );
}
