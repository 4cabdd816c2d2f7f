import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Operation } from '../contract/openapi-types.ts';
import type { BodyLimit } from './read-body.ts';

/** One request as a route sees it, whichever server stands in front. */
export interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The `{names}` of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Server time at which the request's head was read, milliseconds since the epoch: the received time of all it carries. */
  readonly receivedAt: number;
  /** Whether the peer is one of `TRUSTED_PROXIES`, so that its X-Forwarded headers count. */
  readonly fromTrustedProxy: boolean;
  /** Reads the body, once. Rejects with a 413 problem beyond `maxBytes`; with `truncate` one byte more comes instead, and the rest is thrown away. */
  body(limit: BodyLimit): Promise<Buffer>;
}

/** What a route answers. An object as body is sent as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Instead of `body`: JSON that is written already. */
  readonly json?: string;
  /** Writes the rest of the answer by itself, after status and headers; `body` is absent then. */
  readonly stream?: (response: ServerResponse) => void;
}

/** One route: how it is found, how it is documented, what it does. A problem is thrown, not returned. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/v1/playback-sessions/{session}`. */
  readonly path: string;
  /** Answered in front of express; its path has no parameters, and what it replies no `stream`. */
  readonly hot?: boolean;
  /** Players on other origins call it: CORS with credentials. */
  readonly cors?: boolean;
  readonly operation: Operation;
  handle(call: Call): Reply | Promise<Reply>;
}
