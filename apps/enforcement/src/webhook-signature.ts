import { createHmac, timingSafeEqual } from 'node:crypto';

/*
 * Playhead-Signature: t=<seconds>,kid=<key>,v1=<hex of HMAC-SHA-256 over "<seconds>.<body>">
 */

/** Header of the signature. */
export const SIGNATURE_HEADER = 'playhead-signature';
/** Header of the id, percent-encoded (`encodeURIComponent`), which is the same for every sending of a revocation. */
export const DELIVERY_HEADER = 'playhead-delivery';
/** A signature older than that is refused, so that a request that was overheard cannot be sent again later. */
export const MAX_SIGNATURE_AGE_MS = 5 * 60_000;

/** A key by its name. */
export interface WebhookKey {
  readonly kid: string;
  readonly key: Buffer;
}

/** The value of `SIGNATURE_HEADER` for a body. */
export function signWebhook(body: string, { kid, key }: WebhookKey, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},kid=${kid},v1=${digest(`${seconds}.${body}`, key).toString('hex')}`;
}

/** Whether a header is a signature of the body by one of the keys, made in the last five minutes. */
export function verifyWebhook(
  body: string,
  header: string | undefined,
  keys: readonly WebhookKey[],
  nowMs: number,
): boolean {
  const [, seconds, kid, given] = /^t=(\d{1,12}),kid=([\w-]{1,16}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  const key = keys.find((candidate) => candidate.kid === kid)?.key;
  if (seconds === undefined || given === undefined || key === undefined) return false;
  if (Math.abs(nowMs - Number(seconds) * 1000) > MAX_SIGNATURE_AGE_MS) return false;
  return timingSafeEqual(digest(`${seconds}.${body}`, key), Buffer.from(given, 'hex'));
}

const digest = (text: string, key: Buffer): Buffer => createHmac('sha256', key).update(text).digest();
