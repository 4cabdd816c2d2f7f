import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GUARD_ROUTES } from '@playhead/event-schemas';
import type { ConcurrencyGuard } from '@playhead/event-schemas';
import { problemHandler, requireServiceToken } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guardRoutes } from '../src/http.ts';

const position = { topic: 'playback.heartbeats', partition: 1, offset: 5 };
const whose = { tenant: 'demo', account: 'acc-1' };
const keys = testIdentity('gateway');
const asked: [string, unknown][] = [];
let fails = false;
let server: Server;

/** A guard that notes what it is asked. */
function guardThat<T>(method: string, answer: T): (request: unknown) => Promise<T> {
  return async (request) => {
    asked.push([method, request]);
    if (fails) {
      throw new Error('no owner answered within 200 ms');
    }
    return answer;
  };
}
const decision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] } as const;
const guard: ConcurrencyGuard = {
  decide: guardThat('decide', decision),
  session: guardThat('session', undefined),
  streams: guardThat('streams', { streams: [] }),
  entitlement: guardThat('entitlement', { plan: 'basic', maxStreams: 2, isOwn: false }),
  entitlementApplied: guardThat('entitlementApplied', undefined),
  dryRun: guardThat('dryRun', { ...decision, plan: 'basic', rules: [], checked: true, decidedAt: 1 }),
  explain: guardThat('explain', undefined),
  sessions: guardThat('sessions', [null]),
  usage: guardThat('usage', { plan: 'basic', streams: 0, rules: [] }),
  history: guardThat('history', { entries: [] }),
  find: guardThat('find', { sessions: [] }),
  policyApplied: guardThat('policyApplied', undefined),
  policies: guardThat('policies', {}),
};

beforeAll(async () => {
  const app = express();
  app.use(requireServiceToken(keys.identity.serviceTokens), express.json(), guardRoutes(guard));
  app.use(problemHandler({ error: () => {} }));
  await new Promise<void>((resolve) => {
    server = app.listen(0, '127.0.0.1', () => resolve());
  });
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  keys.remove();
});
beforeEach(() => {
  asked.length = 0;
  fails = false;
});

async function post(path: string, body: object, claims: Record<string, string> = whose) {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${keys.identity.serviceTokens.sign(claims)}`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

const decide = { ...whose, session: 's-1', position, timeoutMs: 200 };

test.each<[keyof ConcurrencyGuard, object, number, unknown]>([
  ['decide', decide, 200, { answer: decision }],
  ['session', { ...whose, session: 's-1', timeoutMs: 200 }, 200, { answer: null }],
  [
    'session',
    { ...whose, session: 's-1', position: { ...position, offset: -1 }, timeoutMs: 200 },
    200,
    { answer: null },
  ],
  ['streams', { ...whose, timeoutMs: 200 }, 200, { answer: { streams: [] } }],
  [
    'dryRun',
    {
      ...whose,
      start: { device: 'tv', exempt: true, downloaded: true, tokenMaxStreams: 1, end: ['s-0'] },
      timeoutMs: 200,
    },
    200,
    { answer: { ...decision, plan: 'basic', rules: [], checked: true, decidedAt: 1 } },
  ],
  ['entitlement', { ...whose, timeoutMs: 200 }, 200, { answer: { plan: 'basic', maxStreams: 2, isOwn: false } }],
  ['entitlementApplied', { ...whose, position, timeoutMs: 200 }, 204, undefined],
])('%s is asked as it was posted', async (method, question, status, answer) => {
  expect(await post(GUARD_ROUTES[method], question)).toEqual({ status, body: answer });
  expect(asked).toEqual([[method, question]]);
});

test('policyApplied is asked with the place of the change', async () => {
  const question = { tenant: 'demo', policy: 'p', version: null, position, timeoutMs: 200 };
  expect((await post(GUARD_ROUTES.policyApplied, question, { tenant: 'demo' })).status).toBe(204);
  expect(asked).toEqual([['policyApplied', question]]);
});

test.each<[string, object, string]>([
  ['no tenant', { ...decide, tenant: undefined }, '/tenant'],
  ['an account that is no text', { ...decide, account: 7 }, '/account'],
  ['an empty session', { ...decide, session: '' }, '/session'],
  ['no position', { ...decide, position: undefined }, '/position'],
  ['a position without a topic', { ...decide, position: { partition: 0, offset: 0 } }, '/position/topic'],
  ['a negative partition', { ...decide, position: { ...position, partition: -1 } }, '/position/partition'],
  ['an offset that is no whole number', { ...decide, position: { ...position, offset: 0.5 } }, '/position/offset'],
  ['an offset before the first', { ...decide, position: { ...position, offset: -2 } }, '/position/offset'],
  ['no time', { ...decide, timeoutMs: 0 }, '/timeoutMs'],
  ['too much time', { ...decide, timeoutMs: 60_001 }, '/timeoutMs'],
])('%s is a 400 that names the field, and the guard is not asked', async (_name, question, pointer) => {
  const answer = await post(GUARD_ROUTES.decide, question);
  expect(answer).toMatchObject({ status: 400, body: { type: '/problems/body-invalid', errors: [{ pointer }] } });
  expect(asked).toEqual([]);
});

describe('a service token', () => {
  test.each<[string, Record<string, string>, number]>([
    ['of the account', whose, 200],
    ['of no account', {}, 200],
    ['of another account', { ...whose, account: 'acc-2' }, 403],
    ['of another tenant', { ...whose, tenant: 'other' }, 403],
  ])('%s', async (_name, claims, status) => {
    expect((await post(GUARD_ROUTES.decide, decide, claims)).status).toBe(status);
    expect(asked).toHaveLength(status === 200 ? 1 : 0);
  });
});

test('no answer in time is a 503 that says why', async () => {
  fails = true;
  expect(await post(GUARD_ROUTES.streams, { ...whose, timeoutMs: 200 })).toMatchObject({
    status: 503,
    body: { type: '/problems/guard-unavailable', detail: 'no owner answered within 200 ms' },
  });
});
