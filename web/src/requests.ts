// Requests that this browser made to the services, for the page that draws them. Another tab of the shop hears them, too.
import { signal } from "@preact/signals";

export type Touch = { service: string; at: number; count: number; failed: boolean };

/** The latest request to each service. */
export const touches = signal<Record<string, Touch>>({});

const channel = "BroadcastChannel" in window ? new BroadcastChannel("shop.requests") : undefined;

function touch(service: string, failed: boolean): void {
  const count = (touches.value[service]?.count ?? 0) + 1;
  touches.value = { ...touches.value, [service]: { service, at: Date.now(), count, failed } };
}

/** Notes a request to a path of the API, whose first segment is the name of the service. */
export function noteRequest(path: string, status: number): void {
  const service = path.split("/")[1];
  if (!service) return;
  const failed = status === 0 || status >= 500;
  touch(service, failed);
  channel?.postMessage({ service, failed });
}

channel?.addEventListener("message", ({ data }) => touch(String(data.service), Boolean(data.failed)));
