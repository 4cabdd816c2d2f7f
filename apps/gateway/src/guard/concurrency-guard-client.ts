import { GUARD_ROUTES } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import type { ServiceTokens } from '@playhead/service-kit';

/** Added to a question's time-out for the way there and back. */
const NETWORK_MS = 50;

type Request<Q extends keyof ConcurrencyGuard> = Parameters<ConcurrencyGuard[Q]>[0];
type Answer<Q extends keyof ConcurrencyGuard> = ReturnType<ConcurrencyGuard[Q]>;

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

  decide(request: Request<'decide'>): Answer<'decide'> {
    return this.#ask('decide', request);
  }

  dryRun(request: Request<'dryRun'>): Answer<'dryRun'> {
    return this.#ask('dryRun', request);
  }

  explain(request: Request<'explain'>): Answer<'explain'> {
    return this.#ask('explain', request);
  }

  session(request: Request<'session'>): Answer<'session'> {
    return this.#ask('session', request);
  }

  sessions(request: Request<'sessions'>): Answer<'sessions'> {
    return this.#ask('sessions', request);
  }

  streams(request: Request<'streams'>): Answer<'streams'> {
    return this.#ask('streams', request);
  }

  usage(request: Request<'usage'>): Answer<'usage'> {
    return this.#ask('usage', request);
  }

  history(request: Request<'history'>): Answer<'history'> {
    return this.#ask('history', request);
  }

  find(request: Request<'find'>): Answer<'find'> {
    return this.#ask('find', request);
  }

  entitlementApplied(request: Request<'entitlementApplied'>): Answer<'entitlementApplied'> {
    return this.#ask('entitlementApplied', request);
  }

  policyApplied(request: Request<'policyApplied'>): Answer<'policyApplied'> {
    return this.#ask('policyApplied', request);
  }

  policies(request: Request<'policies'>): Answer<'policies'> {
    return this.#ask('policies', request);
  }

  async #ask<Q extends keyof ConcurrencyGuard>(question: Q, request: Request<Q>): Promise<Awaited<Answer<Q>>> {
    const { tenant, timeoutMs } = request;
    const account = 'account' in request ? { account: request.account } : {};
    const response = await fetch(`${this.#url}/internal/v1${GUARD_ROUTES[question]}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#tokens.sign({ tenant, ...account })}`,
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs + NETWORK_MS),
    });
    if (response.status === 200) {
      const { answer } = (await response.json()) as { readonly answer: Awaited<Answer<Q>> | null };
      return (answer ?? undefined) as Awaited<Answer<Q>>;
    }
    await response.body?.cancel();
    if (response.status === 204) return undefined as Awaited<Answer<Q>>;
    throw new Error(`the guard at ${this.#url} answered ${question} with ${response.status}; 200 or 204 was expected`);
  }
}
