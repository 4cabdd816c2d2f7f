import { expect, test } from '@jest/globals';
import { newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { KafkaStreams, QueryOptions } from '@playhead/stream-core';
import { Lookups, UndecidedStartError } from '../src/lookups.ts';
import { PolicyBook } from '../src/policies/policy-book.ts';
import { newSession, openLease } from '../src/session-state.ts';
import { NO_ACCOUNT } from '../src/stored-account.ts';

const report = newPlaybackHeartbeat({
  eventId: '0b5e0d6c-0000-5000-8000-000000000000',
  type: 'START',
  tenant: 'demo',
  account: 'a/1',
  session: 's-1',
  receivedTime: 1000,
  eventTime: 1000,
});
const session = openLease(newSession(report, 1000), 1000, 'NATIVE', 500);
const start = {
  eventId: report.eventId,
  receivedTime: 1000,
  decidedTime: 1000,
  allowed: true,
  reason: null,
  checked: true,
  plan: 'default',
  current: 1,
  max: 2,
  retryAfterMs: null,
  conflicts: [],
  replaced: [],
  policy: null,
  rule: null,
  mayEnd: false,
  ended: [],
  graceUntil: null,
  rules: [],
  isAsked: true,
  isCheck: false,
};
const position = { topic: 'playback.heartbeats', partition: 3, offset: 77 };
const whose = { tenant: 'demo', account: 'a/1', timeoutMs: 200 };

/** Streams with these values in their stores, and what was asked of them. */
function streamsWith(values: Readonly<Record<string, unknown>>, staleLag?: number) {
  const asked: { store: string; key: unknown; options: QueryOptions }[] = [];
  const query = (store: string) => ({
    get: async (key: unknown, options: QueryOptions) => {
      asked.push({ store, key, options });
      return { value: values[`${store} ${String(key)}`], position: [], staleLag };
    },
    range: async (_from: string, _to: string, options: QueryOptions) => {
      const found = Object.entries(values).filter(([key]) => key.startsWith(`${store} `));
      asked.push({ store, key: undefined, options });
      const entries = found.map(([key, value]) => ({ key: key.slice(store.length + 1), value }));
      return { entries, truncated: false, position: [], staleLag };
    },
  });
  const guard = new Lookups({
    streams: { query } as unknown as Pick<KafkaStreams, 'query'>,
    book: new PolicyBook(),
    defaultPlan: { plan: 'default', maxStreams: 2 },
    now: () => 1100,
  });
  return { guard, asked };
}

test("a decision waits for the start's place in the log and for Kafka's acknowledgement, at the account's owner", async () => {
  const { guard, asked } = streamsWith({ 'sessions demo/a%2F1/s-1': { ...session, start } });
  expect(await guard.decide({ ...whose, session: 's-1', position })).toMatchObject({
    decision: 'allow',
    usage: { current: 1, max: 2 },
  });
  expect(asked).toEqual([
    {
      store: 'sessions',
      key: 'demo/a%2F1/s-1',
      options: { bound: position, acknowledged: true, timeoutMs: 200, partitionKey: 'demo/a%2F1' },
    },
  ]);
});

test('a start that left no decision is an error, not an answer', async () => {
  const { guard } = streamsWith({ 'sessions demo/a%2F1/s-1': session });
  await expect(guard.decide({ ...whose, session: 's-1', position })).rejects.toThrow(UndecidedStartError);
  await expect(guard.decide({ ...whose, session: 's-2', position })).rejects.toThrow('session s-2');
});

test('a session that was never seen is undefined', async () => {
  const { guard } = streamsWith({ 'sessions demo/a%2F1/s-1': session });
  expect(await guard.session({ ...whose, session: 's-1' })).toMatchObject({ sessionId: 's-1', state: 'active' });
  expect(await guard.session({ ...whose, session: 's-2' })).toBeUndefined();
});

test('a session is looked up with a position: its owner answers, after it has processed the log up to there', async () => {
  const { guard, asked } = streamsWith({ 'sessions demo/a%2F1/s-1': session });
  expect(await guard.session({ ...whose, session: 's-1', position })).toMatchObject({ sessionId: 's-1' });
  expect(await guard.session({ ...whose, session: 's-2', position })).toBeUndefined();
  const options = { bound: position, timeoutMs: 200, partitionKey: 'demo/a%2F1' };
  expect(asked.map((question) => question.options)).toEqual([options, options]);
});

test("an account's streams are its sessions that live now", async () => {
  const { guard } = streamsWith({
    'accounts demo/a%2F1': { plan: null, maxStreams: null, sessions: ['s-1', 's-2', 'forgotten'] },
    'sessions demo/a%2F1/s-1': session,
    'sessions demo/a%2F1/s-2': { ...session, session: 's-2', leaseExpiresAt: 1100 },
  });
  expect((await guard.streams(whose)).streams.map(({ sessionId }) => sessionId)).toEqual(['s-1']);
  expect(await streamsWith({}).guard.streams(whose)).toEqual({ streams: [] });
});

test('an entitlement is applied when the owner has read and written it', async () => {
  const { guard, asked } = streamsWith({});
  await guard.entitlementApplied({ ...whose, position });
  expect(asked).toMatchObject([
    { store: 'accounts', options: { bound: position, acknowledged: true, timeoutMs: 200 } },
  ]);
});

test.each([
  ['without one', {}, { plan: 'default', maxStreams: 2, isOwn: false }],
  ['with a plan alone', { plan: 'basic' }, { plan: 'basic', maxStreams: 2, isOwn: true }],
  ['with streams alone', { maxStreams: 0 }, { plan: 'default', maxStreams: 0, isOwn: true }],
  [
    'with one that says when it was set and by whom',
    { plan: 'basic', maxStreams: 4, entitledAt: 7, entitledBy: 'operator' },
    { plan: 'basic', maxStreams: 4, isOwn: true, updatedAt: 7, updatedBy: 'operator' },
  ],
])('its owner says what an account may watch that is %s', async (_name, stored, told) => {
  const { guard, asked } = streamsWith({ 'accounts demo/a%2F1': { ...NO_ACCOUNT, ...stored } });
  expect(await guard.entitlement(whose)).toEqual(told);
  expect(asked).toMatchObject([{ store: 'accounts', options: { timeoutMs: 200 } }]);
  expect(asked[0]?.options.staleWithin).toBeUndefined();
});

test('what a copy answers while the owner is away says by how much it is behind; a decision is only the owner’s', async () => {
  const values = {
    'accounts demo/a%2F1': { plan: null, maxStreams: null, sessions: ['s-1'], forgottenTicketsUntil: 0, kept: [] },
    'sessions demo/a%2F1/s-1': { ...session, start },
  };
  const { guard, asked } = streamsWith(values, 7);
  expect(await guard.session({ ...whose, session: 's-1' })).toMatchObject({ sessionId: 's-1', staleBy: 7 });
  expect(await guard.streams(whose)).toMatchObject({ streams: [{ sessionId: 's-1', staleBy: 7 }], staleBy: 7 });
  expect(await streamsWith({}, 7).guard.streams(whose)).toMatchObject({ streams: [], staleBy: 7 });
  expect(await guard.usage(whose)).toMatchObject({ streams: 1, staleBy: 7 });
  expect(await guard.history(whose)).toMatchObject({ entries: [{ sessionId: 's-1' }], staleBy: 7 });
  const everywhere = { tenant: 'demo', timeoutMs: 200 };
  for (const filter of [{}, { account: 'a/1' }]) {
    const found = await guard.find({ ...everywhere, filter });
    expect(found).toMatchObject({ sessions: [{ sessionId: 's-1', staleBy: 7 }], staleBy: 7 });
  }
  expect(await guard.explain({ ...whose, session: 's-1' })).toMatchObject({ decision: 'allow', staleBy: 7 });
  expect(await guard.dryRun({ ...whose, start: {} })).toMatchObject({ decision: 'allow', staleBy: 7 });
  expect(asked.every(({ options }) => options.staleWithin === Infinity)).toBe(true);
  await guard.decide({ ...whose, session: 's-1', position });
  expect(asked.at(-1)?.options.staleWithin).toBeUndefined();
  const { guard: atOwner } = streamsWith(values);
  for (const answer of [
    await atOwner.session({ ...whose, session: 's-1' }),
    await atOwner.history(whose),
    await atOwner.find({ ...everywhere, filter: {} }),
  ]) {
    expect(answer).not.toHaveProperty('staleBy');
  }
});

test('a session that a copy did not have yet was answered as one that was never there: its owner is asked', async () => {
  const { guard, asked } = streamsWith({}, 7);
  await guard.session({ ...whose, session: 's-1' });
  expect(asked.map(({ options }) => options.staleWithin)).toEqual([Infinity, undefined]);
});
