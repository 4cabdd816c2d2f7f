import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { PlainRequest } from './plain-request.ts';
import { bodyWithin, readBody } from './read-body.ts';
import type { BodyLimit } from './read-body.ts';
import type { Call } from './route.ts';

/** What a call needs besides the request. */
export interface CallEnvironment {
  readonly now: () => number;
  /** Whether the address is one of the trusted proxies. */
  readonly trusts: (address: string | undefined) => boolean;
}

/** One for all requests without a query; nobody writes into it. */
const NO_QUERY = new URLSearchParams();
/** Of a path without parameters. */
export const NO_PARAMS = Object.freeze({});

/** A request of node:http; what not every route asks for is found when it is asked for. */
export class HttpCall implements Call {
  readonly receivedAt: number;
  readonly params: Readonly<Record<string, string>>;
  readonly #environment: CallEnvironment;
  readonly #request: IncomingMessage;
  readonly #queryText: string;
  #query: URLSearchParams | undefined;

  constructor(
    environment: CallEnvironment,
    request: IncomingMessage,
    { query, params }: { readonly query: string; readonly params: Readonly<Record<string, string>> },
  ) {
    this.receivedAt = environment.now();
    this.params = params;
    this.#environment = environment;
    this.#request = request;
    this.#queryText = query;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get query(): URLSearchParams {
    return (this.#query ??= this.#queryText === '' ? NO_QUERY : new URLSearchParams(this.#queryText));
  }

  get fromTrustedProxy(): boolean {
    return this.#environment.trusts(this.#request.socket.remoteAddress);
  }

  body(options: BodyLimit): Promise<Buffer> {
    return readBody(this.#request, options);
  }
}

/** A plain request; its target has no query and no parameters. */
export class PlainCall implements Call {
  readonly receivedAt: number;
  readonly headers: IncomingHttpHeaders;
  readonly params = NO_PARAMS;
  readonly query = NO_QUERY;
  readonly #environment: CallEnvironment;
  readonly #socket: Socket;
  readonly #body: Buffer;

  constructor(environment: CallEnvironment, { headers, body }: PlainRequest, socket: Socket) {
    this.receivedAt = environment.now();
    this.headers = headers;
    this.#environment = environment;
    this.#socket = socket;
    this.#body = body;
  }

  get fromTrustedProxy(): boolean {
    return this.#environment.trusts(this.#socket.remoteAddress);
  }

  async body(options: BodyLimit): Promise<Buffer> {
    return bodyWithin(this.#body, options);
  }
}
