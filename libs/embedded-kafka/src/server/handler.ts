import type { Api } from '@playhead/kafka-protocol';
import type { BrokerLogger } from '../logger.ts';

/** What a handler knows about the request it answers besides its body. */
export interface RequestContext {
  /** Counts up from 1 over the life of the broker; never reused. */
  readonly connectionId: number;
  /** The client's address as Kafka prints it, with a leading slash: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly clientId: string | null;
  readonly apiVersion: number;
  /** Aborts when the connection is gone or the broker closes: parked work is to be dropped and may reject or resolve, nobody reads the answer. */
  readonly signal: AbortSignal;
  readonly logger: BrokerLogger;
}

/** Answered by a handler whose request wants no response at all (Produce with acks 0). */
export const NO_RESPONSE = Symbol('no response');

/** A response, now or later. A connection handles one request at a time, so a promise parks its connection and no other. */
export type Answer<Response> = Response | typeof NO_RESPONSE | Promise<Response | typeof NO_RESPONSE>;

/**
 * What answers one API. Handlers answer now where they can: only what has to wait returns a promise.
 * A handler that throws costs its client the connection; errors of the protocol belong into the response.
 */
export interface ApiHandler<Request, Response> {
  readonly api: Api<never, Request, Response, unknown>;
  /** Versions served, both ends included. */
  readonly versions: readonly [min: number, max: number];
  /** The minimum that ApiVersions reports, where it differs (Produce: KAFKA-18659). */
  readonly reportedMinVersion?: number;
  handle(request: Request, context: RequestContext): Answer<Response>;
  /** The response that carries an error code everywhere one can stand; lets `control.fail` answer any error. */
  failed?(request: Request, errorCode: number): Response;
}

/** A handler in a list, where its messages' types no longer matter. */
export type AnyApiHandler = ApiHandler<never, unknown>;

/** Types a handler by its API's table: `defineHandler({ api: heartbeatApi, versions: [0, 3], handle: (request, context) => … })`. */
export function defineHandler<Request, Response>(handler: ApiHandler<Request, Response>): AnyApiHandler {
  return handler as unknown as AnyApiHandler;
}
