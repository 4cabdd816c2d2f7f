import { GUARD_ROUTES } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import { problem, serviceCaller } from '@playhead/service-kit';
import { Router } from 'express';
import type { Request, Response } from 'express';
import {
  accountOf,
  filter,
  limit,
  optionalPosition,
  position,
  sessionRefs,
  text,
  timeoutMs,
  trialStart,
  versionOrNull,
} from './request-fields.ts';
import type { Body } from './request-fields.ts';

type Question<Q extends keyof ConcurrencyGuard> = Parameters<ConcurrencyGuard[Q]>[0];

/** How a body becomes the request of each question; throws a 400 problem that names the wrong field. */
const REQUESTS: { readonly [Q in keyof ConcurrencyGuard]: (body: Body) => Question<Q> } = {
  decide: (body) => ({ ...session(body), ...position(body) }),
  dryRun: (body) => ({ ...account(body), start: trialStart(body) }),
  explain: (body) => session(body),
  session: (body) => ({ ...session(body), ...optionalPosition(body) }),
  sessions: (body) => ({ ...tenant(body), sessions: sessionRefs(body) }),
  streams: (body) => account(body),
  usage: (body) => account(body),
  history: (body) => ({ ...account(body), ...limit(body) }),
  find: (body) => ({
    ...tenant(body),
    filter: filter(body),
    ...limit(body),
    ...(body['after'] === undefined ? {} : { after: text(body, 'after') }),
  }),
  entitlement: (body) => account(body),
  entitlementApplied: (body) => ({ ...account(body), ...position(body) }),
  policyApplied: (body) => ({
    ...tenant(body),
    policy: text(body, 'policy'),
    version: versionOrNull(body),
    ...optionalPosition(body),
  }),
  policies: (body) => tenant(body),
};

/** The questions of a gateway in another process: the `ConcurrencyGuard` methods as POST, the request as JSON. */
export function guardRoutes(guard: ConcurrencyGuard): Router {
  const router = Router();
  for (const name of Object.keys(GUARD_ROUTES) as (keyof ConcurrencyGuard)[]) addRoute(router, guard, name);
  return router;
}

function addRoute<Q extends keyof ConcurrencyGuard>(router: Router, guard: ConcurrencyGuard, name: Q): void {
  const ask = guard[name] as (question: Question<Q>) => Promise<unknown>;
  router.post(GUARD_ROUTES[name], async (request: Request, response: Response) => {
    const body = bodyOf(request);
    const question = REQUESTS[name](body);
    refuseOthers(body, response);
    const answer = await inTime(() => ask.call(guard, question));
    if (name === 'entitlementApplied' || name === 'policyApplied') response.status(204).end();
    else response.json({ answer: answer ?? null });
  });
}

const tenant = (body: Body) => ({ tenant: text(body, 'tenant'), timeoutMs: timeoutMs(body) });
const account = (body: Body) => ({ ...accountOf(body), timeoutMs: timeoutMs(body) });
const session = (body: Body) => ({ ...account(body), session: text(body, 'session') });

async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw problem(503, 'guard-unavailable', { detail, cause, headers: { 'retry-after': '1' } });
  }
}

/** The caller's token has to allow the tenant and the account that are asked about, where it names one. */
function refuseOthers(body: Body, response: Response): void {
  const { claims } = serviceCaller(response);
  for (const name of ['tenant', 'account'] as const) {
    if (claims[name] !== undefined && claims[name] !== body[name]) {
      throw problem(403, 'account-refused', { detail: `the service token is for another ${name}` });
    }
  }
}

function bodyOf(request: Request): Body {
  const body: unknown = request.body;
  return body !== null && typeof body === 'object' ? (body as Body) : {};
}
