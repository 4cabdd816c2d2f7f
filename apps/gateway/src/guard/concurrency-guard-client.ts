import type { AdmissionDecision, ConcurrencyGuard, SessionView, StreamView } from '@playhead/event-schemas';
import type { ServiceTokens } from '@playhead/service-kit';

/** Added to a question's time-out for the way there and back. */
const NETWORK_MS = 100;

type Question =
  | Parameters<ConcurrencyGuard['decide']>[0]
  | Parameters<ConcurrencyGuard['session']>[0]
  | Parameters<ConcurrencyGuard['streams']>[0]
  | Parameters<ConcurrencyGuard['entitlementApplied']>[0];

/**
 * The guard in another process: each question is a POST of the request's JSON to `/internal/v1/<question>` of its admin
 * port with a service token of 60 s. 200 carries the answer, 204 none; anything else rejects.
 */
export class ConcurrencyGuardClient implements ConcurrencyGuard {
  readonly #url: string;
  readonly #tokens: Pick<ServiceTokens, 'sign'>;

  constructor(url: string, tokens: Pick<ServiceTokens, 'sign'>) {
    this.#url = url;
    this.#tokens = tokens;
  }

  decide(request: Parameters<ConcurrencyGuard['decide']>[0]): Promise<AdmissionDecision> {
    return this.#ask('decide', request) as Promise<AdmissionDecision>;
  }

  session(request: Parameters<ConcurrencyGuard['session']>[0]): Promise<SessionView | undefined> {
    return this.#ask('session', request) as Promise<SessionView | undefined>;
  }

  streams(request: Parameters<ConcurrencyGuard['streams']>[0]): Promise<readonly StreamView[]> {
    return this.#ask('streams', request) as Promise<readonly StreamView[]>;
  }

  async entitlementApplied(request: Parameters<ConcurrencyGuard['entitlementApplied']>[0]): Promise<void> {
    await this.#ask('entitlement-applied', request);
  }

  async #ask(question: string, request: Question): Promise<unknown> {
    const response = await fetch(`${this.#url}/internal/v1/${question}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#tokens.sign({ tenant: request.tenant, account: request.account })}`,
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(request.timeoutMs + NETWORK_MS),
    });
    if (response.status === 204) return undefined;
    if (response.status === 200) return response.json();
    await response.body?.cancel();
    throw new Error(`the guard at ${this.#url} answered ${question} with ${response.status}; 200 or 204 was expected`);
  }
}
