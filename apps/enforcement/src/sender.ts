import type { Revocation } from './revocation.ts';
import { DELIVERY_HEADER, SIGNATURE_HEADER, signWebhook } from './webhook-signature.ts';
import type { Webhooks } from './webhooks.ts';

/** What came of a sending. `nobody`: the tenant has no webhook. */
export type Sending = 'acknowledged' | 'failed' | 'nobody';

/** How revocations are sent. */
export interface SenderOptions {
  readonly webhooks: Webhooks;
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Default `fetch`. */
  readonly request?: typeof fetch;
}

/** Sends a revocation once. Acknowledged is any answer of 2xx; a redirect is none, for it could lead anywhere. Never rejects. */
export async function sendRevocation(
  revocation: Revocation,
  { webhooks, timeoutMs, now, request = fetch }: SenderOptions,
): Promise<Sending> {
  const webhook = webhooks.of(revocation.tenant);
  if (webhook === undefined) return 'nobody';
  // It waits for the key, which the service may be given at its next start.
  const { url, key } = webhook;
  if (key === undefined) return 'failed';
  const body = JSON.stringify({ type: 'stream.revoked', ...revocation });
  try {
    const response = await request(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        // A header takes no letters beyond Latin-1; a session may have them.
        [DELIVERY_HEADER]: encodeURIComponent(revocation.id),
        [SIGNATURE_HEADER]: signWebhook(body, key, now()),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok ? 'acknowledged' : 'failed';
  } catch {
    return 'failed';
  }
}
