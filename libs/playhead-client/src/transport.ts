/** A request to the gateway. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it has a media type of its own. */
  readonly body?: unknown;
  /** Media type of a body that is text and sent as it is. */
  readonly contentType?: string;
  /** Goes out although the page is being left. */
  readonly keepalive?: boolean;
}

/** An answer of the gateway: what its status means is in the type of its body. */
export interface ApiAnswer<S extends number = number, B = unknown> {
  readonly status: S;
  /** Undefined for an empty one. */
  readonly body: B;
  /** Milliseconds until it is worth trying again, where the answer says so. */
  readonly retryAfterMs: number | undefined;
}

/** How requests reach the gateway. */
export interface Transport {
  /** Rejects when there is no answer. */
  send(request: ApiRequest): Promise<ApiAnswer>;
}

/** Sends by `fetch`. */
export class HttpTransport implements Transport {
  readonly #origin: string;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  /** `origin` is the gateway's address, without a slash at its end. */
  constructor(origin: string, options: { readonly timeoutMs?: number; readonly fetch?: typeof fetch } = {}) {
    this.#origin = origin;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    // Browsers want it called without an owner.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  async send({ method, path, headers, body, contentType, keepalive = false }: ApiRequest): Promise<ApiAnswer> {
    const response = await this.#fetch(`${this.#origin}${path}`, {
      method,
      keepalive,
      headers: { ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: contentType === undefined ? JSON.stringify(body) : String(body) }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      body: text === '' ? undefined : isJson ? parsed(text) : text,
      retryAfterMs: retryAfterOf(response.headers),
    };
  }
}

/** As it is where it is no JSON, whatever a proxy calls it: its status says something without it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Retry-After in either of its forms, seconds or a date (RFC 9110, 10.2.3); the date is of the clock that also says `Date`. */
function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // A date begins with the day of the week; `Date.parse` takes "-5" and "5, 5" for dates too, that are long over.
  if (!/^[a-z]/i.test(text)) return undefined;
  const answeredAt = Date.parse(headers.get('date') ?? '');
  const untilMs = Date.parse(text) - (Number.isNaN(answeredAt) ? Date.now() : answeredAt);
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs);
}
