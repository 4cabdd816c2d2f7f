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
  /** Told why, in a few words without the address, which may hold a secret. */
  readonly onFailed?: (tenant: string, why: string) => void;
  /** Default `fetch`. */
  readonly request?: typeof fetch;
}

/** Sends a revocation once. Acknowledged is any answer of 2xx; a redirect is none, for it could lead anywhere. Never rejects. */
export async function sendRevocation(
  revocation: Revocation,
  { webhooks, timeoutMs, now, onFailed, request = fetch }: SenderOptions,
): Promise<Sending> {
  const failed = (why: string): Sending => {
    onFailed?.(revocation.tenant, why);
    return 'failed';
  };
  const webhook = webhooks.of(revocation.tenant);
  if (webhook === undefined) return 'nobody';
  // It waits for the key and the host, which the service may be given at its next start.
  const { url, key, isAllowed } = webhook;
  if (!isAllowed) return failed('its webhookUrl has a host that is not in ENFORCEMENT_WEBHOOK_HOSTS');
  if (key === undefined) return failed('its webhookKeyId is not in ENFORCEMENT_WEBHOOK_KEYS');
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
    return response.ok ? 'acknowledged' : failed(`answered ${response.status}`);
  } catch (error) {
    return failed(codeOf(error));
  }
}

/** `ECONNREFUSED`, `TimeoutError`: what fetch fails with says so in its cause. */
function codeOf(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? name;
}
