// Writing a review, with a photo. The photo goes from the browser straight to the store, by a presigned form.

import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { changed, useAnswer } from "../answers.ts";
import { api, data, Failure } from "../api/client.ts";
import { Corner, Field, Heading, Icon, Picture, Problem, productPath, useProduct } from "../parts.tsx";
import { signedIn } from "../session.ts";
import { NeedsUser } from "./account.tsx";

const kinds = ["image/jpeg", "image/png", "image/webp"] as const;
type Kind = (typeof kinds)[number];

export function WriteReview() {
  const { productId = "" } = useRoute().params;
  const product = useProduct(productId);
  const mine = useAnswer(signedIn.value ? `mine/review/${productId}` : undefined, async () => {
    const { items } = await data(api.GET("/reviews/mine", { params: { query: { productId } } }));
    return { review: items.find((review) => review.productId === productId) };
  });
  const name = product.data?.name ?? "this product";
  return (
    <section class="narrow">
      <div class="review-of">
        {product.data && <Picture productId={productId} name={name} sizes="6rem" />}
        <div>
          <Heading>Write a review</Heading>
          <p>
            <a href={productPath(productId)}>{name}</a>
          </p>
        </div>
      </div>
      <NeedsUser to="write a review">
        <Corner of="Your review" answer={mine}>
          {({ review }) => (
            <Form
              productId={productId}
              stars={review?.stars ?? 0}
              title={review?.title ?? ""}
              text={review?.text ?? ""}
              author={review?.authorName ?? ""}
              there={review !== undefined}
            />
          )}
        </Corner>
      </NeedsUser>
    </section>
  );
}

function Form(props: {
  productId: string;
  stars: number;
  title: string;
  text: string;
  author: string;
  there: boolean;
}) {
  const { productId } = props;
  const { route } = useLocation();
  const [stars, setStars] = useState(props.stars);
  const [title, setTitle] = useState(props.title);
  const [text, setText] = useState(props.text);
  const [author, setAuthor] = useState(props.author);
  const [photo, setPhoto] = useState<File>();
  const [alt, setAlt] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [posted, setPosted] = useState<"review" | "photo">();

  const profile = useAnswer("me", () => data(api.GET("/login/me")));
  useEffect(() => {
    if (!props.author && profile.data?.name) setAuthor((now) => now || (profile.data?.name ?? ""));
  }, [profile.data, props.author]);

  const submit = async () => {
    if (stars === 0) return setProblem("Choose how many stars you give.");
    setBusy(true);
    setProblem("");
    try {
      const body = {
        stars,
        title: title.trim(),
        text: text.trim(),
        ...(author.trim() && { authorName: author.trim() }),
      };
      await data(api.PUT("/reviews/{productId}", { params: { path: { productId } }, body }));
      changed(`reviews/${productId}`, "mine/");
      setPosted("review");
      if (!photo) return route(`${productPath(productId)}#reviews`);
      await upload(productId, photo, alt.trim());
      setPosted("photo");
    } catch (error) {
      setProblem(error instanceof Failure ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  if (posted === "photo") {
    return (
      <div class="done">
        <p>
          <Icon name="check" /> Your review is there, and your photo has arrived. It is shown as soon as somebody has
          looked at it.
        </p>
        <a class="button primary" href={productPath(productId)}>
          Back to the product
        </a>
      </div>
    );
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <StarChoice value={stars} onChange={setStars} />
      <Field label="Title" value={title} maxLength={120} onInput={setTitle} />
      <div class="field">
        <label for="text">What do you like or dislike about it?</label>
        <textarea
          id="text"
          rows={6}
          maxLength={5000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <Field
        label="Your name"
        hint="Shown with the review. Leave it empty to be “a customer”."
        value={author}
        maxLength={60}
        onInput={setAuthor}
      />
      <PhotoChoice photo={photo} onChange={setPhoto} />
      {photo && (
        <Field
          label="What the photo shows"
          hint="For people who do not see it."
          value={alt}
          maxLength={300}
          onInput={setAlt}
        />
      )}
      <Problem>
        {problem && (posted === "review" ? `Your review is there, but the photo is not: ${problem}` : problem)}
      </Problem>
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy}>
          {posted === "review" ? "Send the photo again" : props.there ? "Change the review" : "Post the review"}
        </button>
        {props.there && <Remove productId={productId} onProblem={setProblem} />}
      </div>
    </form>
  );
}

function Remove(props: { productId: string; onProblem: (text: string) => void }) {
  const { productId } = props;
  const { route } = useLocation();
  return (
    <button
      type="button"
      class="button quiet-button"
      onClick={async () => {
        try {
          await data(api.DELETE("/reviews/{productId}", { params: { path: { productId } } }));
          changed(`reviews/${productId}`, "mine/");
          route(productPath(productId));
        } catch (error) {
          props.onProblem(error instanceof Failure ? error.message : String(error));
        }
      }}
    >
      Delete it
    </button>
  );
}

/** Sends a photo in three steps: a presigned form from the service, the file to the store, and its sizes made by the service. */
async function upload(productId: string, file: File, alt: string): Promise<void> {
  const params = { path: { productId } };
  const body = { contentType: file.type as Kind, ...(alt && { alt }) };
  const start = await data(api.POST("/photos/{productId}", { params, body }));
  if (file.size > start.maxBytes) {
    throw new Failure(0, `The photo has ${mega(file.size)} MB. Choose one of at most ${mega(start.maxBytes)} MB.`);
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(start.fields)) form.append(name, value);
  form.append("file", file);
  const sent = await fetch(start.url, { method: "POST", body: form }).catch(() => undefined);
  if (!sent?.ok) throw new Failure(sent?.status ?? 0, "The store of the photos did not take it.");
  await data(
    api.POST("/photos/{productId}/{photoId}/complete", { params: { path: { productId, photoId: start.photoId } } }),
  );
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

const words = ["", "Bad", "Not good", "Fine", "Good", "Very good"];

function StarChoice(props: { value: number; onChange: (stars: number) => void }) {
  return (
    <fieldset class="star-choice">
      <legend>Stars</legend>
      <div>
        {[1, 2, 3, 4, 5].map((stars) => (
          <label key={stars} class={stars <= props.value ? "star on" : "star"}>
            <input
              type="radio"
              name="stars"
              class="visually-hidden"
              value={stars}
              checked={stars === props.value}
              onChange={() => props.onChange(stars)}
            />
            <span class="visually-hidden">
              {stars} {stars === 1 ? "star" : "stars"}
            </span>
          </label>
        ))}
        <span class="quiet" aria-hidden="true">
          {words[props.value]}
        </span>
      </div>
    </fieldset>
  );
}

function PhotoChoice(props: { photo: File | undefined; onChange: (photo: File | undefined) => void }) {
  const [preview, setPreview] = useState("");
  const [problem, setProblem] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!props.photo) return setPreview("");
    const url = URL.createObjectURL(props.photo);
    setPreview(url);
    return () => URL.revokeObjectURL(url);
  }, [props.photo]);
  return (
    <div class="field photo-choice">
      <label for="photo">A photo of it</label>
      <p class="hint" id="photo-hint">
        A JPEG, PNG or WebP.
      </p>
      <div class="photo-row">
        {preview && <img src={preview} alt="The one you chose" />}
        <input
          ref={input}
          id="photo"
          type="file"
          accept={kinds.join(",")}
          aria-describedby="photo-hint"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            const wrong = file && !kinds.includes(file.type as Kind);
            setProblem(
              wrong ? `${file.name} is ${file.type || "of an unknown kind"}. Choose a JPEG, PNG or WebP.` : "",
            );
            props.onChange(wrong ? undefined : file);
          }}
        />
        {props.photo && (
          <button
            type="button"
            class="button quiet-button small"
            onClick={() => {
              if (input.current) input.current.value = "";
              props.onChange(undefined);
            }}
          >
            Without it
          </button>
        )}
      </div>
      <Problem>{problem}</Problem>
    </div>
  );
}
