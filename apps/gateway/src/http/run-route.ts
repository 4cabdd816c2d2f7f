import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '@playhead/service-kit';
import type { RejectCounters } from '../metrics/reject-counters.ts';
import type { RequestCounters } from '../metrics/request-counters.ts';
import { corsHeaders } from './cors.ts';
import { readBody } from './read-body.ts';
import type { Call, Reply, Route } from './route.ts';
import { problemOf, replyOf, sendReply } from './send-reply.ts';

/** What running a route needs besides the request. */
export interface RouteEnvironment {
  readonly now: () => number;
  readonly requests: RequestCounters;
  readonly rejects: RejectCounters;
  /** Whether the address is one of the trusted proxies. */
  readonly trusts: (address: string | undefined) => boolean;
  /** Told about every answer of 500 and above. */
  readonly onFailure: (problem: Problem, route: Route) => void;
}

/** Gives a request to its route and sends the answer, whatever happens. Never rejects. */
export async function runRoute(
  environment: RouteEnvironment,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  { query, params }: { readonly query: string; readonly params: Readonly<Record<string, string>> },
): Promise<void> {
  let reply: Reply;
  try {
    reply = await route.handle(new RequestCall(environment, request, query, params));
  } catch (error) {
    const problem = problemOf(error);
    environment.rejects.count(route, problem.code);
    if (problem.status >= 500) environment.onFailure(problem, route);
    reply = replyOf(problem);
  }
  sendReply(response, reply, route.cors === true ? corsHeaders(request.headers) : NO_HEADERS);
  environment.requests.count(route, reply.status);
}

/** A request of node:http; what not every route asks for is found when it is asked for. */
class RequestCall implements Call {
  readonly receivedAt: number;
  readonly params: Readonly<Record<string, string>>;
  readonly #environment: RouteEnvironment;
  readonly #request: IncomingMessage;
  readonly #query: string;

  constructor(
    environment: RouteEnvironment,
    request: IncomingMessage,
    query: string,
    params: Readonly<Record<string, string>>,
  ) {
    this.receivedAt = environment.now();
    this.params = params;
    this.#environment = environment;
    this.#request = request;
    this.#query = query;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get query(): URLSearchParams {
    return this.#query === '' ? NO_QUERY : new URLSearchParams(this.#query);
  }

  get fromTrustedProxy(): boolean {
    return this.#environment.trusts(this.#request.socket.remoteAddress);
  }

  body(options: Parameters<Call['body']>[0]): Promise<Buffer> {
    return readBody(this.#request, options);
  }
}

const NO_HEADERS = Object.freeze({});
/** One for all requests without a query; nobody writes into it. */
const NO_QUERY = new URLSearchParams();
