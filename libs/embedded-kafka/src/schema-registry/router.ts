import { RegistryError } from './registry-error.ts';

/** A request as a route sees it. */
export interface RouteRequest {
  /** The parts of the path that the pattern names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON object; empty without a body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** One route: what it returns is the JSON of a 200, what it throws is a `RegistryError`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Such as `/subjects/:subject/versions`. */
  readonly path: string;
  handle(request: RouteRequest): unknown;
}

/** What a request is answered with. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a request. Throws `RegistryError` 404 without a route of that path, 405 without one of that method. */
export function findRoute(routes: readonly Route[], method: string, pathname: string): RouteMatch {
  let pathFound = false;
  for (const route of routes) {
    const params = matchPath(route.path, pathname);
    if (params !== undefined && route.method === method) {
      return { route, params };
    }
    pathFound ||= params !== undefined;
  }
  throw pathFound
    ? new RegistryError(405, 405, 'HTTP 405 Method Not Allowed')
    : new RegistryError(404, 404, 'HTTP 404 Not Found');
}

function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const given = pathname.split('/');
  if (expected.length !== given.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) {
      params[part.slice(1)] = decode(value);
    } else if (part !== value) {
      return undefined;
    }
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RegistryError(400, 400, `path segment ${JSON.stringify(part)} is not percent-encoded UTF-8`);
  }
}
