import type { AccountRef, ConcurrencyGuard, LogPosition } from '@playhead/event-schemas';
import { GUARD_ROUTES } from '@playhead/event-schemas';
import { problem, serviceCaller } from '@playhead/service-kit';
import type { Problem } from '@playhead/service-kit';
import { Router } from 'express';
import type { Request, Response } from 'express';

/** Longest time that a question may ask to wait. */
const MAX_TIMEOUT_MS = 60_000;

/** The questions of a gateway in another process: the `ConcurrencyGuard` methods as POST, the request as JSON. */
export function guardRoutes(guard: ConcurrencyGuard): Router {
  const router = Router();
  router.post(GUARD_ROUTES.decide, async (request, response) => {
    const session = text(request, 'session');
    const question = { ...accountOf(request, response), session, ...position(request), timeoutMs: timeout(request) };
    response.json({ answer: await answer(() => guard.decide(question)) });
  });
  router.post(GUARD_ROUTES.session, async (request, response) => {
    const session = text(request, 'session');
    const question = { ...accountOf(request, response), session, timeoutMs: timeout(request) };
    response.json({ answer: (await answer(() => guard.session(question))) ?? null });
  });
  router.post(GUARD_ROUTES.streams, async (request, response) => {
    const question = { ...accountOf(request, response), timeoutMs: timeout(request) };
    response.json({ answer: await answer(() => guard.streams(question)) });
  });
  router.post(GUARD_ROUTES.entitlementApplied, async (request, response) => {
    const question = { ...accountOf(request, response), ...position(request), timeoutMs: timeout(request) };
    await answer(() => guard.entitlementApplied(question));
    response.status(204).end();
  });
  return router;
}

async function answer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw problem(503, 'guard-unavailable', { detail, cause, headers: { 'retry-after': '1' } });
  }
}

/** The account that is asked about; the caller's token has to allow it where it names one. */
function accountOf(request: Request, response: Response): AccountRef {
  const asked = { tenant: text(request, 'tenant'), account: text(request, 'account') };
  const { claims } = serviceCaller(response);
  for (const name of ['tenant', 'account'] as const) {
    if (claims[name] !== undefined && claims[name] !== asked[name]) {
      throw problem(403, 'account-refused', { detail: `the service token is for another ${name}` });
    }
  }
  return asked;
}

function text(request: Request, name: string): string {
  const value = field(request, name);
  if (typeof value !== 'string' || value === '') {
    throw badField(`/${name}`, 'a text');
  }
  return value;
}

function timeout(request: Request): number {
  return number(field(request, 'timeoutMs'), '/timeoutMs', 1, MAX_TIMEOUT_MS);
}

function position(request: Request): { readonly position: LogPosition } {
  const value = field(request, 'position');
  if (value === null || typeof value !== 'object') {
    throw badField('/position', 'an object');
  }
  const { topic, partition, offset } = value as Readonly<Record<string, unknown>>;
  if (typeof topic !== 'string') {
    throw badField('/position/topic', 'a text');
  }
  return {
    position: {
      topic,
      partition: number(partition, '/position/partition', 0, Number.MAX_SAFE_INTEGER),
      offset: number(offset, '/position/offset', 0, Number.MAX_SAFE_INTEGER),
    },
  };
}

function field(request: Request, name: string): unknown {
  const body: unknown = request.body;
  return body !== null && typeof body === 'object' ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
}

function number(value: unknown, pointer: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw badField(pointer, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function badField(pointer: string, allowed: string): Problem {
  const detail = `has to be ${allowed}`;
  return problem(400, 'body-invalid', { detail: `${pointer} ${detail}`, errors: [{ pointer, code: 'type', detail }] });
}
