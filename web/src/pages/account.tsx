// Signing up, in and out, and the user's own page.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { changed, useAnswer } from "../answers.ts";
import { api, data, Failure } from "../api/client.ts";
import * as cart from "../cart.ts";
import { Corner, Field, Heading, Problem, productPath, useProduct } from "../parts.tsx";
import { begin, email as emailOf, end, refreshToken, signedIn } from "../session.ts";
import { ReviewText } from "./product.tsx";

/** Shows its children to a user, and the way to become one to everybody else. */
export function NeedsUser(props: { to: string; children: ComponentChildren }) {
  const { url } = useLocation();
  if (signedIn.value) return <>{props.children}</>;
  const next = `?next=${encodeURIComponent(url)}`;
  return (
    <div class="needs-user">
      <p>Sign in to {props.to}.</p>
      <p class="actions">
        <a class="button primary" href={`/shop/sign-in${next}`}>
          Sign in
        </a>
        <a class="button" href={`/shop/sign-up${next}`}>
          Create an account
        </a>
      </p>
    </div>
  );
}

/** Where to go after signing in: a page of the shop, and nothing that somebody else put into the address. */
function useNext(): { next: string; suffix: string } {
  const { query } = useLocation();
  const next = query.next?.startsWith("/shop") ? query.next : "/shop/account";
  return { next, suffix: query.next ? `?next=${encodeURIComponent(next)}` : "" };
}

type Send = {
  busy: boolean;
  problem: string;
  fields: Record<string, string>;
  send: (act: () => Promise<void>) => void;
};

function useSend(): Send {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const send = async (act: () => Promise<void>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
    } catch (error) {
      setFailure(error instanceof Failure ? error : new Failure(0, String(error)));
    } finally {
      setBusy(false);
    }
  };
  const fields = failure?.fields ?? {};
  return { busy, problem: failure?.message ?? "", fields, send: (act) => void send(act) };
}

function AccountForm(props: {
  title: string;
  button: string;
  it: Send;
  act: () => Promise<void>;
  children: ComponentChildren;
  after?: ComponentChildren;
  intro?: ComponentChildren;
}) {
  return (
    <section class="narrow account-form">
      <Heading>{props.title}</Heading>
      {props.intro}
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          props.it.send(props.act);
        }}
      >
        {props.children}
        <Problem>{props.it.problem}</Problem>
        <button type="submit" class="button primary" disabled={props.it.busy}>
          {props.button}
        </button>
      </form>
      {props.after}
    </section>
  );
}

export function SignIn() {
  const { route } = useLocation();
  const { next, suffix } = useNext();
  const it = useSend();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <AccountForm
      title="Sign in"
      button="Sign in"
      it={it}
      act={async () => {
        begin(await data(api.POST("/login/signin", { body: { email, password } })), email);
        route(next, true);
      }}
      after={
        <>
          <p>
            New here? <a href={`/shop/sign-up${suffix}`}>Create an account</a>
          </p>
          <p>
            <a href={`/shop/forgot${suffix}`}>I have forgotten my password</a>
          </p>
        </>
      }
    >
      <Field
        label="Email address"
        type="email"
        autocomplete="username"
        required
        value={email}
        onInput={setEmail}
        error={it.fields.email}
      />
      <Field
        label="Password"
        type="password"
        autocomplete="current-password"
        required
        value={password}
        onInput={setPassword}
        error={it.fields.password}
      />
    </AccountForm>
  );
}

export function SignUp() {
  const { route } = useLocation();
  const { suffix } = useNext();
  const it = useSend();
  const [email, setEmail] = useState("");
  return (
    <AccountForm
      title="Create an account"
      button="Send me a code"
      it={it}
      act={async () => {
        await data(api.POST("/login/signup", { body: { email } }));
        route(`/shop/confirm${suffix || "?"}${suffix ? "&" : ""}email=${encodeURIComponent(email)}`);
      }}
      after={
        <p>
          Already a customer? <a href={`/shop/sign-in${suffix}`}>Sign in</a>
        </p>
      }
    >
      <Field
        label="Email address"
        hint="We send a code to it, with which you choose a password."
        type="email"
        autocomplete="username"
        required
        value={email}
        onInput={setEmail}
        error={it.fields.email}
      />
    </AccountForm>
  );
}

const passwordHint = "At least 12 characters: lowercase and uppercase letters, a digit and a symbol.";

export function Confirm() {
  const { route, query } = useLocation();
  const { next, suffix } = useNext();
  const it = useSend();
  const [email, setEmail] = useState(query.email ?? "");
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <AccountForm
      title="Confirm your address"
      button="Create the account"
      it={it}
      act={async () => {
        const body = { email, code: code.trim(), password, ...(name.trim() && { name: name.trim() }) };
        begin(await data(api.POST("/login/confirm", { body })), email);
        route(next, true);
      }}
      after={
        <p>
          No code? <a href={`/shop/sign-up${suffix}`}>Send another one</a>
        </p>
      }
    >
      <Field
        label="Email address"
        type="email"
        autocomplete="username"
        required
        value={email}
        onInput={setEmail}
        error={it.fields.email}
      />
      <Field
        label="Code"
        hint="Six digits."
        inputMode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9]{6}"
        required
        value={code}
        onInput={setCode}
        error={it.fields.code}
      />
      <Field
        label="Your name"
        autocomplete="name"
        maxLength={60}
        value={name}
        onInput={setName}
        error={it.fields.name}
      />
      <Field
        label="Password"
        hint={passwordHint}
        type="password"
        autocomplete="new-password"
        minLength={12}
        required
        value={password}
        onInput={setPassword}
        error={it.fields.password}
      />
    </AccountForm>
  );
}

export function Forgot() {
  const { route } = useLocation();
  const { suffix } = useNext();
  const it = useSend();
  const [sent, setSent] = useState(false);
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  return (
    <AccountForm
      title="Choose a new password"
      button={sent ? "Change the password" : "Send me a code"}
      it={it}
      act={async () => {
        if (!sent) {
          await data(api.POST("/login/forgot", { body: { email } }));
          return setSent(true);
        }
        await data(api.POST("/login/reset", { body: { email, code: code.trim(), password } }));
        route(`/shop/sign-in${suffix}`);
      }}
    >
      <Field
        label="Email address"
        type="email"
        autocomplete="username"
        required
        value={email}
        onInput={setEmail}
        error={it.fields.email}
      />
      {sent && (
        <>
          <Field
            label="Code"
            hint="Six digits, in the email that we sent."
            inputMode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9]{6}"
            required
            value={code}
            onInput={setCode}
            error={it.fields.code}
          />
          <Field
            label="New password"
            hint={passwordHint}
            type="password"
            autocomplete="new-password"
            minLength={12}
            required
            value={password}
            onInput={setPassword}
            error={it.fields.password}
          />
        </>
      )}
    </AccountForm>
  );
}

export function Account() {
  return (
    <section class="narrow">
      <Heading>Your account</Heading>
      <NeedsUser to="see your account">
        <Profile />
        <MyReviews />
      </NeedsUser>
    </section>
  );
}

function Profile() {
  const { route } = useLocation();
  const profile = useAnswer("me", () => data(api.GET("/login/me")));
  const it = useSend();
  const [name, setName] = useState<string>();
  const [saved, setSaved] = useState(false);
  const signOut = async () => {
    const token = refreshToken();
    end();
    cart.clear();
    route("/shop");
    // The page has forgotten the tokens, whatever login answers: it ends the session for those who may have a copy.
    if (token) await data(api.POST("/login/signout", { body: { refreshToken: token } })).catch(() => undefined);
  };
  return (
    <>
      <p class="quiet">{emailOf.value}</p>
      <p class="actions">
        <a class="button" href="/shop/orders">
          Your orders
        </a>
        <button type="button" class="button quiet-button" onClick={() => void signOut()}>
          Sign out
        </button>
      </p>
      <Corner of="Your profile" answer={profile}>
        {(me) => (
          <form
            class="form inline-form"
            onSubmit={(event) => {
              event.preventDefault();
              setSaved(false);
              it.send(async () => {
                await data(api.PUT("/login/me", { body: { name: (name ?? me.name).trim() } }));
                changed("me");
                setSaved(true);
              });
            }}
          >
            <Field
              label="Your name"
              autocomplete="name"
              maxLength={60}
              value={name ?? me.name}
              onInput={setName}
              error={it.fields.name}
            />
            <button type="submit" class="button" disabled={it.busy}>
              Save
            </button>
            <p role="status">{saved && "Saved."}</p>
            <Problem>{it.problem}</Problem>
          </form>
        )}
      </Corner>
    </>
  );
}

function MyReviews() {
  const mine = useAnswer("mine/reviews", () => data(api.GET("/reviews/mine", { params: { query: { limit: 50 } } })));
  return (
    <section>
      <h2>Your reviews</h2>
      <Corner of="Your reviews" answer={mine}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">You have reviewed nothing yet.</p>
          ) : (
            <ul class="my-reviews">
              {items.map((review) => (
                <li key={review.reviewId}>
                  <ReviewedName productId={review.productId} />
                  <ReviewText review={review} />
                  <a href={`${productPath(review.productId)}/review`}>Change it</a>
                </li>
              ))}
            </ul>
          )
        }
      </Corner>
    </section>
  );
}

function ReviewedName(props: { productId: string }) {
  const product = useProduct(props.productId);
  return (
    <p>
      <a href={productPath(props.productId)}>{product.data?.name ?? props.productId}</a>
    </p>
  );
}
