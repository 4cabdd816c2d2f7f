/** A request to the gateway. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
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

  async send({ method, path, headers, body, keepalive = false }: ApiRequest): Promise<ApiAnswer> {
    const response = await this.#fetch(`${this.#origin}${path}`, {
      method,
      keepalive,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      body: text === '' ? undefined : isJson ? (JSON.parse(text) as unknown) : text,
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    };
  }
}
