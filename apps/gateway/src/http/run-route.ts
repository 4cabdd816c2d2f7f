import type { Problem } from '@playhead/service-kit';
import type { RejectCounters } from '../metrics/reject-counters.ts';
import type { RequestCounters } from '../metrics/request-counters.ts';
import type { CallEnvironment } from './calls.ts';
import { corsHeaders } from './cors.ts';
import type { Call, Reply, Route } from './route.ts';
import { problemOf, replyOf } from './send-reply.ts';
import { unknownParameters } from './unknown-parameters.ts';

/** What running a route needs besides the call. */
export interface RouteEnvironment extends CallEnvironment {
  readonly requests: RequestCounters;
  readonly rejects: RejectCounters;
  /** Told how many parameters of a query were ignored. */
  readonly onUnknownParameters: (count: number) => void;
  /** Told about every answer of 500 and above. */
  readonly onFailure: (problem: Problem, route: Route) => void;
}

/** What a route replied, and the CORS headers beside its own. */
export interface RouteReply {
  readonly reply: Reply;
  readonly cors: Readonly<Record<string, string>>;
}

/** Gives a call to its route; counts the reply and the query parameters that the route ignores. Never rejects. */
export async function runRoute(environment: RouteEnvironment, route: Route, call: Call): Promise<RouteReply> {
  const cors = route.cors === true ? corsHeaders(call.headers) : NO_HEADERS;
  const unknown = unknownParameters(route, call);
  if (unknown > 0) environment.onUnknownParameters(unknown);
  try {
    const reply = await route.handle(call);
    environment.requests.count(route, reply.status);
    return { reply, cors };
  } catch (error) {
    const problem = problemOf(error);
    environment.rejects.count(route, problem.code);
    if (problem.status >= 500) environment.onFailure(problem, route);
    environment.requests.count(route, problem.status);
    return { reply: replyOf(problem), cors };
  }
}

const NO_HEADERS = Object.freeze({});
