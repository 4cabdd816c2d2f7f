import { createServer } from 'node:http';
import type { Server } from 'node:http';
import express from 'express';
import type { RequestHandler, Router } from 'express';
import type { Registry } from 'prom-client';
import type { ErrorLogger } from '../problem/answer-problem.ts';
import { problemHandler, unknownRoute } from '../problem/answer-problem.ts';
import { problem } from '../problem/problem.ts';
import type { ServiceCaller, ServiceTokens } from '../tokens/service-tokens.ts';
import type { HealthChecks } from './health-checks.ts';
import { processRegistry } from './process-metrics.ts';

/** What `createAdminServer` serves. */
export interface AdminOptions {
  readonly service: string;
  readonly health: HealthChecks;
  readonly metrics: Registry;
  /** Called before the metrics are read. */
  readonly beforeScrape: () => void;
  /** Mounted at `/internal/v1`, behind the service token. */
  readonly internal: Router;
  readonly serviceTokens: ServiceTokens;
  readonly bodyMaxBytes: number;
  readonly logger: ErrorLogger;
}

/** The server of `/health/live`, `/health/ready`, `/metrics` and `/internal/v1`; it is not listening yet. */
export function createAdminServer(options: AdminOptions): Server {
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/health/live', (_request, response) => {
    response.json({ service: options.service, live: true });
  });
  app.get('/health/ready', (_request, response) => {
    const checks = options.health.list();
    const ready = checks.every(({ ok }) => ok);
    response.status(ready ? 200 : 503).json({ service: options.service, ready, checks });
  });
  app.get('/metrics', async (_request, response) => {
    options.beforeScrape();
    const own = await options.metrics.metrics();
    const ofProcess = await processRegistry().metrics();
    response.type(options.metrics.contentType).send(`${own}\n${ofProcess}`);
  });
  app.use(
    '/internal/v1',
    requireServiceToken(options.serviceTokens),
    express.json({ limit: options.bodyMaxBytes }),
    options.internal,
  );
  app.use(unknownRoute, problemHandler(options.logger));
  return createServer(app);
}

/** The service whose token a request to `/internal/v1` carries. Throws when the request did not pass `requireServiceToken`. */
export function serviceCaller(response: { readonly locals: Readonly<Record<string, unknown>> }): ServiceCaller {
  const caller = response.locals['serviceCaller'];
  if (caller === undefined) throw new TypeError('the route is not behind requireServiceToken');
  return caller as ServiceCaller;
}

/** Lets only requests with a valid service token through, others get 401. */
export function requireServiceToken(tokens: ServiceTokens): RequestHandler {
  return (request, response, next) => {
    const text = bearerToken(request.headers.authorization);
    if (text === undefined) {
      throw problem(401, 'token-missing', {
        detail: 'a service token is required: Authorization: Bearer …',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    response.locals['serviceCaller'] = tokens.verify(text);
    next();
  };
}

/** The token in an `Authorization: Bearer` header; undefined without one. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(header)?.[1];
}
