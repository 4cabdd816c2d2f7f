import type { Server } from 'node:http';
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

/** The gateway's HTTP server; it is not listening yet. */
export function createGatewayServer(parts: GatewayParts, trustedProxies: readonly string[]): Server {
  const trusted = new Set(trustedProxies);
  const environment: RouteEnvironment = {
    now: parts.now,
    requests: parts.metrics.requests,
    rejects: parts.metrics.rejects,
    onUnknownParameters: (count) => parts.metrics.unknownFields.add('query', count),
    trusts: (address) => address !== undefined && trusted.has(address.replace(/^::ffff:/, '')),
    onFailure: (problem, route) => {
      if (problem.code === 'guard-unavailable') parts.metrics.unavailable.add('guard');
      else if (problem.code === 'log-unavailable') parts.metrics.unavailable.add('log');
      else
        parts.logger.error(
          { err: problem.cause ?? problem, route: `${route.method} ${route.path}` },
          'a request failed',
        );
    },
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
