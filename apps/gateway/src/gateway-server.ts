import type { Server } from 'node:http';
import { LogThrottle } from '@playhead/service-kit';
import type { GatewayParts } from './gateway-parts.ts';
import { KEEP_ALIVE_S } from './http/answer.ts';
import { createApp } from './http/create-app.ts';
import { createListener } from './http/create-listener.ts';
import { IdleConnections } from './http/idle-connections.ts';
import type { RouteEnvironment } from './http/run-route.ts';
import { PlainFirstServer } from './http/plain-first-server.ts';
import { createRoutes } from './routes/index.ts';

/** A request's head and body must have come by then; a slow sender holds no socket for longer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** What a client sends in time may be so long on its way. */
const KEEP_ALIVE_MARGIN_MS = 2_000;

/** What is away or full, by the code of the problem. */
const UNAVAILABLE: ReadonlyMap<string, 'guard' | 'log' | 'event-streams' | 'keys'> = new Map([
  ['guard-unavailable', 'guard'],
  ['log-unavailable', 'log'],
  ['event-streams-full', 'event-streams'],
  ['token-unverifiable', 'keys'],
] as const);

/** The gateway's HTTP server; it is not listening yet. */
export function createGatewayServer(parts: GatewayParts, trustedProxies: readonly string[]): Server {
  const trusted = new Set(trustedProxies);
  const environment: RouteEnvironment = {
    now: parts.now,
    requests: parts.metrics.requests,
    rejects: parts.metrics.rejects,
    onUnknownParameters: (count) => parts.metrics.unknownFields.add('query', count),
    trusts: (address) => address !== undefined && trusted.has(address.replace(/^::ffff:/, '')),
    onFailure: failureNoter(parts),
  };
  const routes = createRoutes(parts);
  const server = new PlainFirstServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 0 });
  const connections = new IdleConnections(server, { idleMs: KEEP_ALIVE_S * 1000 + KEEP_ALIVE_MARGIN_MS });
  const hot = routes.filter((route) => route.hot === true);
  server.servePlain({
    routes: new Map(hot.map((route) => [`${route.method} ${route.path} HTTP/1.1`, route])),
    environment,
    connections,
  });
  server.on('request', createListener(environment, routes, createApp(environment, routes), connections));
  return server;
}

/**
 * Counts what is 503 because something is away or full, as that comes with every request; logs what is left, and once a
 * minute that keys of an issuer cannot be read.
 */
function failureNoter({ metrics, logger, monotonicMs }: GatewayParts): RouteEnvironment['onFailure'] {
  const keysUnread = new LogThrottle({ monotonicMs });
  return (problem, route) => {
    const part = UNAVAILABLE.get(problem.code);
    if (part !== undefined) metrics.unavailable.add(part);
    if (part === 'keys' ? keysUnread.happened() === undefined : part !== undefined) return;
    logger.error({ err: problem.cause ?? problem, route: `${route.method} ${route.path}` }, 'a request failed');
  };
}
