// Answers of the services, kept for as long as the page is open, so that a product, once seen, is there at once.
import { type Signal, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "./api/client.ts";

export type Answer<T> = {
  data?: T | undefined;
  failure?: Failure | undefined;
  /** Set while a request is on its way. */
  asking: boolean;
};

type Kept = { answer: Signal<Answer<unknown>>; ask: () => Promise<unknown>; at: number };

const kept = new Map<string, Kept>();

/** After how long an answer is asked for again when it is shown again. The old one is shown meanwhile. */
const fresh = 20_000;

function entry(key: string, ask: () => Promise<unknown>): Kept {
  let found = kept.get(key);
  if (!found) {
    found = { answer: signal<Answer<unknown>>({ asking: true }), ask, at: 0 };
    kept.set(key, found);
  }
  found.ask = ask;
  return found;
}

async function load(it: Kept): Promise<void> {
  it.at = Date.now();
  const { ask } = it;
  it.answer.value = { ...it.answer.peek(), asking: true };
  try {
    it.answer.value = { data: await ask(), asking: false };
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(0, String(error));
    it.at = 0;
    it.answer.value = { data: it.answer.peek().data, failure, asking: false };
  }
}

/** Asks once for each key, whoever shows the answer. Without a key nothing is asked. */
export function useAnswer<T>(key: string | undefined, ask: () => Promise<T>): Answer<T> & { again: () => void } {
  const it = key === undefined ? undefined : entry(key, ask);
  useEffect(() => {
    if (it && Date.now() - it.at > fresh) void load(it);
  }, [key, it]);
  const answer = (it?.answer.value ?? { asking: false }) as Answer<T>;
  return { ...answer, again: () => it && void load(it) };
}

/** Asks again for what is shown of these keys, and forgets the others. */
export function changed(...prefixes: string[]): void {
  for (const [key, it] of kept) if (prefixes.some((prefix) => key.startsWith(prefix))) void load(it);
}

/** Forgets all answers, such as those to a user who signed out. */
export function forget(...prefixes: string[]): void {
  for (const key of kept.keys()) if (prefixes.some((prefix) => key.startsWith(prefix))) kept.delete(key);
}

type Page<T> = { items: T[]; nextCursor?: string | undefined };

/** Asks for a list page by page: what it gives has the items of all pages that were asked for. */
export function usePages<T, P extends Page<T>>(key: string | undefined, ask: (cursor?: string) => Promise<P>) {
  const first = useAnswer<P>(key, () => ask());
  const [rest, setRest] = useState<{ key?: string; pages: P[]; asking?: boolean; failure?: Failure }>({ pages: [] });
  const pages = rest.key === key ? rest.pages : [];
  const cursor = (pages.at(-1) ?? first.data)?.nextCursor;
  const more = async () => {
    if (!key) return;
    setRest({ key, pages, asking: true });
    try {
      setRest({ key, pages: [...pages, await ask(cursor)] });
    } catch (error) {
      setRest({ key, pages, failure: error instanceof Failure ? error : new Failure(0, String(error)) });
    }
  };
  return {
    ...first,
    items: [first.data, ...pages].flatMap((page) => page?.items ?? []),
    more: cursor ? more : undefined,
    askingMore: rest.key === key && rest.asking === true,
    moreFailure: rest.key === key ? rest.failure : undefined,
  };
}
