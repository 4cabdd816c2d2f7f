import { KeepAliveClient } from '@playhead/service-kit/process';
import type { ClientResponse } from '@playhead/service-kit/process';
import type { BeatBody, EventBody } from './viewer-actions.ts';

/** What the gateway said, as far as a player acts on it. */
export type Answer<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  /** 409: the account watches as much as it may. */
  | { readonly outcome: 'denied'; readonly retryAfterMs: number }
  /** 429, 503, or nobody there: try again, not before `retryAfterMs`. */
  | { readonly outcome: 'busy'; readonly retryAfterMs: number }
  /** Any other answer: trying the same again helps nobody. */
  | { readonly outcome: 'refused'; readonly status: number; readonly detail: string };

/** The part of an admission that a player uses. */
export interface Admission {
  readonly sessionId: string;
  readonly ticket: string;
  readonly heartbeat: { readonly intervalMs: number };
}

/** The answer to a beat. */
export interface BeatAnswer {
  readonly verdict: string;
  readonly nextBeatInMs: number;
  /** From half of a ticket's life on: the one to use from now on. */
  readonly ticket?: string;
}

const BUSY = new Set([408, 429, 500, 502, 503, 504]);
const DEFAULT_RETRY_MS = 1_000;

/** The gateway's HTTP API as a front end uses it. */
export class GatewayApi {
  readonly #client: KeepAliveClient;

  constructor(gateway: string, options: { readonly maxSockets: number; readonly timeoutMs: number }) {
    this.#client = new KeepAliveClient(gateway, options);
  }

  start(token: string, body: { readonly contentId: string; readonly kind: string; readonly title: string }) {
    return this.#ask<Admission>('POST', '/v1/playback-sessions', bearer(token), body);
  }

  beat(ticket: string, body: BeatBody) {
    return this.#ask<BeatAnswer>('POST', '/v1/heartbeats', { 'playback-ticket': ticket }, body);
  }

  events(ticket: string, body: readonly EventBody[]) {
    return this.#ask<unknown>('POST', '/v1/events', { 'playback-ticket': ticket }, body);
  }

  stop(ticket: string, sessionId: string) {
    return this.#ask<undefined>('DELETE', `/v1/playback-sessions/${sessionId}`, { 'playback-ticket': ticket });
  }

  putEntitlement(operatorToken: string, account: string, body: { readonly plan: string; readonly maxStreams: number }) {
    return this.#ask<undefined>(
      'PUT',
      `/v1/accounts/${encodeURIComponent(account)}/entitlement`,
      bearer(operatorToken),
      body,
    );
  }

  close(): void {
    this.#client.close();
  }

  async #ask<T>(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<Answer<T>> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
    let response;
    try {
      response = await this.#client.send({ method, path, headers: { ...headers, ...contentType }, ...json });
    } catch {
      return { outcome: 'busy', retryAfterMs: DEFAULT_RETRY_MS };
    }
    return read<T>(response);
  }
}

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

function read<T>({ status, headers, body }: ClientResponse): Answer<T> {
  const value = body === '' ? undefined : parse(body);
  if (status >= 200 && status < 300) return { outcome: 'ok', value: value as T };
  const { retryAfterMs, detail } = (value ?? {}) as { retryAfterMs?: number; detail?: string };
  const waitMs = retryAfterMs ?? Number(headers['retry-after'] ?? DEFAULT_RETRY_MS / 1000) * 1000;
  if (status === 409) return { outcome: 'denied', retryAfterMs: waitMs };
  if (BUSY.has(status)) return { outcome: 'busy', retryAfterMs: waitMs };
  return { outcome: 'refused', status, detail: detail ?? body.slice(0, 200) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
