import { GUARD_ROUTES } from '@playhead/event-schemas';
import type { AdmissionDecision, ConcurrencyGuard, SessionView, StreamView } from '@playhead/event-schemas';
import type { ServiceTokens } from '@playhead/service-kit';

/** Added to a question's time-out for the way there and back. */
const NETWORK_MS = 50;

type Request<Q extends keyof ConcurrencyGuard> = Parameters<ConcurrencyGuard[Q]>[0];

/**
 * The guard in another process: each question is a POST of the request as JSON to its admin port, with a service token
 * that names the account asked about. Rejects for any answer but 200 and 204, and when there is none in time.
 */
export class ConcurrencyGuardClient implements ConcurrencyGuard {
  readonly #url: string;
  readonly #tokens: Pick<ServiceTokens, 'sign'>;

  /** `url` is the address of the guard's admin port (`CONCURRENCY_GUARD_URL`). */
  constructor(url: string, tokens: Pick<ServiceTokens, 'sign'>) {
    this.#url = url;
    this.#tokens = tokens;
  }

  async decide(request: Request<'decide'>): Promise<AdmissionDecision> {
    return (await this.#ask('decide', request)) as AdmissionDecision;
  }

  async session(request: Request<'session'>): Promise<SessionView | undefined> {
    const { session } = (await this.#ask('session', request)) as { readonly session: SessionView | null };
    return session ?? undefined;
  }

  async streams(request: Request<'streams'>): Promise<readonly StreamView[]> {
    const { streams } = (await this.#ask('streams', request)) as { readonly streams: readonly StreamView[] };
    return streams;
  }

  async entitlementApplied(request: Request<'entitlementApplied'>): Promise<void> {
    await this.#ask('entitlementApplied', request);
  }

  async #ask<Q extends keyof ConcurrencyGuard>(question: Q, request: Request<Q>): Promise<unknown> {
    const { tenant, account, timeoutMs } = request;
    const response = await fetch(`${this.#url}/internal/v1${GUARD_ROUTES[question]}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#tokens.sign({ tenant, account })}`,
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs + NETWORK_MS),
    });
    if (response.status === 200) return response.json();
    await response.body?.cancel();
    if (response.status === 204) return undefined;
    throw new Error(`the guard at ${this.#url} answered ${question} with ${response.status}; 200 or 204 was expected`);
  }
}
