import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import path from 'node:path';
import { problem } from '@playhead/service-kit';
import express from 'express';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { HttpCall } from './calls.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { methodNotAllowed } from './create-listener.ts';
import type { Route } from './route.ts';
import { runRoute } from './run-route.ts';
import type { RouteEnvironment } from './run-route.ts';
import { problemOf, replyOf, sendReply } from './send-reply.ts';

const PUBLIC_DIRECTORY = fileURLToPath(new URL('../../public', import.meta.url));

/** Nothing on the pages comes from elsewhere; Swagger UI writes style attributes and shows its icons as data. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The express app behind the hot routes: the other routes of the list, the page at `/`, Swagger UI at `/docs`, 404 and 405. */
export function createApp(environment: RouteEnvironment, routes: readonly Route[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  // Else an empty name behind a path would be the path itself.
  app.set('strict routing', true);
  for (const [template, siblings] of byPath(routes.filter(({ hot }) => hot !== true))) {
    mount(app, environment, template, siblings);
  }
  const pages: RequestHandler = (_request, response, next) => {
    response.set(PAGE_HEADERS);
    next();
  };
  app.use('/docs/assets', pages, express.static(swaggerDirectory(), { index: false, maxAge: '1h' }));
  app.use(pages, express.static(PUBLIC_DIRECTORY, { redirect: true, extensions: ['html'] }));
  app.use((request: Request) => {
    throw problem(404, 'path-unknown', { detail: `Nothing is at ${request.path}; /docs lists what there is.` });
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendReply(response, replyOf(problemOf(error)), corsHeaders(request.headers));
  });
  return app;
}

function mount(app: Express, environment: RouteEnvironment, template: string, routes: readonly Route[]): void {
  const at = app.route(template.replaceAll(/\{(\w+)\}/g, ':$1'));
  const methods = routes.map(({ method }) => method);
  for (const route of routes) {
    const verb = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
    at[verb](async (request, response) => {
      const call = new HttpCall(environment, request, {
        query: queryOf(request.originalUrl),
        params: request.params as Readonly<Record<string, string>>,
      });
      const { reply, cors } = await runRoute(environment, route, call);
      sendReply(response, reply, cors);
    });
  }
  const cors = routes.some((route) => route.cors === true);
  at.all((request, response) => {
    if (cors && request.method === 'OPTIONS') {
      response.writeHead(204, preflightHeaders(request.headers, methods)).end();
    } else throw methodNotAllowed(methods, { cors });
  });
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const paths = new Map<string, Route[]>();
  for (const route of routes) {
    const siblings = paths.get(route.path);
    if (siblings === undefined) paths.set(route.path, [route]);
    else siblings.push(route);
  }
  return paths;
}

function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark + 1);
}

function swaggerDirectory(): string {
  return path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
