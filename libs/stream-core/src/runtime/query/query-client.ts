import { isRetriableFailure, QueryError, type QueryFailure } from './query-error.ts';
import { FAILURE_STATUS, queryPath, type WireAnswer, type WireProblem, type WireQuery } from './query-wire.ts';

/** What a client needs beside the owner's address. */
export interface QueryClientOptions {
  readonly applicationId: string;
  /** Asked for each request. */
  readonly headers: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Milliseconds from any fixed time. Default `performance.now`. */
  readonly now?: () => number;
}

/** Who was asked what, for errors. */
interface AskedPlace {
  readonly store: string;
  readonly partition: number;
  readonly owner: string;
}

/** The part of a question's time, and at most so many milliseconds, that is left to the network: an owner whose time is over can still say what it waited for. */
const NETWORK_SHARE = 0.2;
const MAX_NETWORK_MS = 100;
/** An owner that could not be connected to is not tried again for so long: questions about all that it owned would be thousands of connections a second to nobody. */
const UNREACHABLE_MS = 100;
/** Owners remembered as such; beyond it all are tried again. */
const MAX_UNREACHABLE = 1_000;

/** Asks other instances over HTTP; Node's fetch keeps the connections open. */
export class QueryClient {
  readonly #options: QueryClientOptions;
  readonly #now: () => number;
  /** By owner: until when, and why. */
  readonly #unreachable = new Map<string, { readonly until: number; readonly cause: unknown }>();

  constructor(options: QueryClientOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** One try at one owner. Rejects with `QueryError`: what the owner said, or UNREACHABLE. */
  async ask(owner: string, query: WireQuery): Promise<WireAnswer> {
    const place = { store: query.store, partition: query.partition, owner };
    const response = await this.#send(owner, query, place);
    if (response.ok) {
      try {
        return (await response.json()) as WireAnswer;
      } catch (cause) {
        throw new QueryError('UNREACHABLE', `the answer of ${owner} broke off`, { ...place, cause });
      }
    }
    const problem = await readProblem(response);
    const { reason, detail, retryAfterMs } = problem;
    throw new QueryError(reason, `${owner} answered ${response.status}: ${detail}`, { ...place, retryAfterMs });
  }

  async #send(owner: string, query: WireQuery, place: AskedPlace): Promise<Response> {
    const { timeoutMs } = query.terms;
    const known = this.#unreachable.get(owner);
    if (known !== undefined && this.#now() < known.until) {
      throw new QueryError('UNREACHABLE', `${owner} could not be reached just now`, { ...place, cause: known.cause });
    }
    const answerMs = Math.max(1, Math.floor(timeoutMs - Math.min(MAX_NETWORK_MS, timeoutMs * NETWORK_SHARE)));
    const headers = await this.#makeHeaders(place);
    try {
      const response = await fetch(`${owner}${queryPath(this.#options.applicationId)}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ...query, terms: { ...query.terms, timeoutMs: answerMs } }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      this.#unreachable.delete(owner);
      return response;
    } catch (cause) {
      if (isConnectError(cause)) this.#noteUnreachable(owner, cause);
      const what = isConnectError(cause) ? 'could not be reached' : `gave no answer within ${timeoutMs} ms`;
      throw new QueryError('UNREACHABLE', `${owner} ${what}`, { ...place, cause });
    }
  }

  async #makeHeaders(place: AskedPlace): Promise<Readonly<Record<string, string>>> {
    try {
      return await this.#options.headers();
    } catch (cause) {
      throw new QueryError('UNREACHABLE', `no headers for a question to ${place.owner}`, { ...place, cause });
    }
  }

  #noteUnreachable(owner: string, cause: unknown): void {
    if (this.#unreachable.size >= MAX_UNREACHABLE) this.#unreachable.clear();
    this.#unreachable.set(owner, { until: this.#now() + UNREACHABLE_MS, cause });
  }
}

/** No connection was made: what happens to one that was says little about the next. */
const CONNECT_ERRORS: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Of what `fetch` throws. */
function isConnectError(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return CONNECT_ERRORS.has(cause?.code);
}

/** A refusal of the owner itself names its reason; anything else comes from what stands between (a proxy, the mount). */
async function readProblem(response: Response): Promise<Pick<WireProblem, 'reason' | 'detail' | 'retryAfterMs'>> {
  const text = await response.text().catch(() => '');
  try {
    const problem = JSON.parse(text) as Partial<WireProblem>;
    if (problem.reason !== undefined && problem.reason in FAILURE_STATUS) {
      // An owner that is closing will be followed by another one.
      const reason = problem.reason === 'NOT_RUNNING' ? 'NOT_AVAILABLE' : problem.reason;
      const { detail = problem.reason, retryAfterMs } = problem;
      return { reason, detail, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined };
    }
  } catch {
    // Not ours; the status says enough.
  }
  const reason: QueryFailure = response.status >= 502 && response.status <= 504 ? 'UNREACHABLE' : 'REFUSED';
  return { reason, detail: isRetriableFailure(reason) ? 'not reachable through its proxy' : text.slice(0, 200) };
}
