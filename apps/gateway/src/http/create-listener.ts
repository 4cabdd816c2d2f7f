import type { RequestListener } from 'node:http';
import { problem } from '@playhead/service-kit';
import type { Problem } from '@playhead/service-kit';
import type { Express } from 'express';
import { HttpCall, NO_PARAMS } from './calls.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { Route } from './route.ts';
import { runRoute } from './run-route.ts';
import type { RouteEnvironment } from './run-route.ts';
import { replyOf, sendReply } from './send-reply.ts';

/** Of a target in absolute form, which every server has to take (RFC 9112, section 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/**
 * The listener for what `PlainConnections` leave to node:http: hot routes are found by one look-up in a map, everything
 * else goes to the express app. Express costs about a third of a beat (baselines.md, section 4).
 */
export function createListener(
  environment: RouteEnvironment,
  routes: readonly Route[],
  app: Express,
  connections: Pick<IdleConnections, 'begun' | 'ended'>,
): RequestListener {
  const hotPaths = new Map<string, Map<string, Route>>();
  for (const route of routes.filter(({ hot }) => hot === true)) {
    const methods = hotPaths.get(route.path) ?? new Map<string, Route>();
    hotPaths.set(route.path, methods.set(route.method, route));
  }
  return (request, response) => {
    connections.begun(request.socket);
    const url = (request.url ?? '/').replace(ORIGIN, '');
    const mark = url.indexOf('?');
    const methods = hotPaths.get(mark === -1 ? url : url.slice(0, mark));
    if (methods === undefined) {
      response.once('close', () => connections.ended(request.socket));
      app(request, response);
      return;
    }
    const { method = '' } = request;
    // Node sends no body behind it.
    const route = methods.get(method === 'HEAD' ? 'GET' : method);
    if (route !== undefined) {
      const query = mark === -1 ? '' : url.slice(mark + 1);
      void runRoute(environment, route, new HttpCall(environment, request, { query, params: NO_PARAMS })).then(
        ({ reply, cors }) => {
          sendReply(response, reply, cors);
          connections.ended(request.socket);
        },
      );
      return;
    }
    if (method === 'OPTIONS') {
      response.writeHead(204, preflightHeaders(request.headers, [...methods.keys()])).end();
    } else {
      sendReply(response, replyOf(methodNotAllowed([...methods.keys()], { cors: true })), corsHeaders(request.headers));
    }
    connections.ended(request.socket);
  };
}

/** The 405 problem; its Allow header names what the path takes: HEAD where there is GET, OPTIONS where there is CORS. */
export function methodNotAllowed(methods: readonly string[], { cors }: { readonly cors: boolean }): Problem {
  const served = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const allow = (cors ? [...served, 'OPTIONS'] : served).join(', ');
  return problem(405, 'method-not-allowed', { detail: `This path takes ${allow}.`, headers: { allow } });
}
