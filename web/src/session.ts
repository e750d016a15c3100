// Who is signed in. The tokens are in localStorage, so a user stays signed in: whoever can run a script in this origin can read
// them, which the page's Content-Security-Policy keeps to the page's own script.
import { computed, signal } from "@preact/signals";

type Tokens = { idToken: string; accessToken: string; refreshToken?: string | undefined; expiresIn: number };
type Session = { idToken: string; accessToken: string; refreshToken: string; expiresAt: number; email: string };

const key = "shop.session";

function stored(): Session | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

const session = signal<Session | undefined>(stored());

/** Set when a session ended by itself, until the next one. */
export const expired = signal(false);
export const signedIn = computed(() => session.value !== undefined);
export const email = computed(() => session.value?.email ?? "");

function keep(next: Session | undefined): void {
  session.value = next;
  if (next) localStorage.setItem(key, JSON.stringify(next));
  else localStorage.removeItem(key);
}

/** The ID of the user, as the token names it and the services know it. */
export const userId = computed(() => {
  const payload = session.value?.idToken.split(".")[1];
  if (!payload) return "";
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return String(JSON.parse(new TextDecoder().decode(bytes)).sub ?? "");
  } catch {
    return "";
  }
});

export function begin(tokens: Tokens, address: string): void {
  const { idToken, accessToken, refreshToken = session.value?.refreshToken ?? "" } = tokens;
  expired.value = false;
  keep({ idToken, accessToken, refreshToken, expiresAt: Date.now() + tokens.expiresIn * 1000, email: address });
}

export function refreshToken(): string {
  return session.value?.refreshToken ?? "";
}

export function end(): void {
  keep(undefined);
}

/** Ends a session whose token the API no longer takes. */
export function expire(): void {
  if (!session.value) return;
  expired.value = true;
  keep(undefined);
}

let refreshing: Promise<void> | undefined;

/** The token for a request, refreshed when it is about to expire. */
export async function bearer(): Promise<string | undefined> {
  if (session.value && session.value.expiresAt - Date.now() < 30_000) {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
  }
  return session.value?.idToken;
}

async function refresh(): Promise<void> {
  const now = session.value;
  if (!now) return;
  try {
    const response = await fetch("/login/refresh", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refreshToken: now.refreshToken }),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.ok) begin(await response.json(), now.email);
    else if (response.status < 500) expire();
  } catch {
    // Login does not answer. The token may be good for some seconds more, and the next request asks again.
  }
}

// Another tab signed in or out.
addEventListener("storage", (event) => {
  if (event.key === key) session.value = stored();
});
