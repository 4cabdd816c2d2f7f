import { GUARD_ROUTES } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import type { ServiceTokens } from '@playhead/service-kit';
import { AnswerTimeoutError, postJson } from './post-json.ts';
import type { JsonAnswer, JsonPost } from './post-json.ts';

/** Added to a question's time-out for the way there and back. */
const NETWORK_MS = 50;
/** So long an instance that could not be reached is not asked: a killed one would cost each question a connection. */
const AWAY_MS = 1_000;

type Request<Q extends keyof ConcurrencyGuard> = Parameters<ConcurrencyGuard[Q]>[0];
type Answer<Q extends keyof ConcurrencyGuard> = ReturnType<ConcurrencyGuard[Q]>;

/**
 * The guard in other processes: each question is a POST of the request as JSON to an admin port, with a service token
 * that names the account asked about. Any instance answers for the owner of the account; the one that answered last is
 * asked first, and the next one when it cannot be reached, which is then left out for a second. Rejects for any answer
 * but 200 and 204, and when there is none in time; the next question then goes to the next instance.
 */
export class ConcurrencyGuardClient implements ConcurrencyGuard {
  readonly #urls: readonly string[];
  readonly #tokens: Pick<ServiceTokens, 'sign'>;
  /** Of instances that could not be reached. */
  readonly #awayUntilMs = new Map<string, number>();
  readonly #now: () => number;
  #first = 0;

  /** `urls` are the addresses of the admin ports of the guard's instances, at least one (`CONCURRENCY_GUARD_URL`). */
  constructor(
    urls: readonly string[],
    tokens: Pick<ServiceTokens, 'sign'>,
    now: () => number = () => performance.now(),
  ) {
    this.#urls = urls;
    this.#tokens = tokens;
    this.#now = now;
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

  entitlement(request: Request<'entitlement'>): Answer<'entitlement'> {
    return this.#ask('entitlement', request);
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
    const { url, status, text } = await this.#send(GUARD_ROUTES[question], {
      authorization: `Bearer ${this.#tokens.sign({ tenant, ...account })}`,
      body: JSON.stringify(request),
      endMs: performance.now() + timeoutMs + NETWORK_MS,
    });
    if (status === 200) {
      const { answer } = JSON.parse(text) as { readonly answer: Awaited<Answer<Q>> | null };
      return (answer ?? undefined) as Awaited<Answer<Q>>;
    }
    if (status === 204) return undefined as Awaited<Answer<Q>>;
    this.#first++;
    throw new Error(`the guard at ${url} answered ${question} with ${status}; 200 or 204 was expected`);
  }

  /** Where the next question goes: an instance that could not be reached a moment ago is left out while there is another. */
  #next(): string {
    const nowMs = this.#now();
    for (let tried = 0; tried < this.#urls.length; tried++, this.#first++) {
      const url = this.#urls[this.#first % this.#urls.length]!;
      if ((this.#awayUntilMs.get(url) ?? 0) <= nowMs) return url;
    }
    return this.#urls[this.#first % this.#urls.length]!;
  }

  /** To the first instance that can be reached; rejects with what the last one's connection failed with, or when the time is over. */
  async #send(route: string, post: JsonPost): Promise<JsonAnswer & { readonly url: string }> {
    for (let attempt = 1; ; attempt++) {
      const origin = this.#next();
      const url = `${origin}/internal/v1${route}`;
      try {
        return { url, ...(await postJson(url, post)) };
      } catch (error) {
        this.#first++;
        if (error instanceof AnswerTimeoutError || attempt === this.#urls.length) throw error;
        this.#awayUntilMs.set(origin, this.#now() + AWAY_MS);
      }
    }
  }
}
