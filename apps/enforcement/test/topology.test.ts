import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlaybackVerdict, newTenantSettings, sessionKey, topics } from '@playhead/event-schemas';
import type { StreamVerdict } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { REVOCATIONS } from '../src/enforcement-processor.ts';
import { FairSlots } from '../src/fair-slots.ts';
import { Outbox } from '../src/outbox.ts';
import type { OutboxCounts } from '../src/outbox.ts';
import type { Revocation } from '../src/revocation.ts';
import type { Sending } from '../src/sender.ts';
import { buildTopology } from '../src/topology.ts';
import { Webhooks } from '../src/webhooks.ts';

const EPOCH_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

describe('enforcement', () => {
  let driver: TopologyTestDriver;
  let counts: OutboxCounts;
  let sent: string[];
  /** What the webhook says to each sending, in order; then it acknowledges. */
  let outcomes: Sending[];
  let webhooks: Webhooks;
  let monotonicMs: number;

  const key = (session: string, tenant = 'demo') => sessionKey(tenant, 'acc-1', session);
  const verdict = (
    session: string,
    word: StreamVerdict,
    { eventId = `e-${session}`, tenant = 'demo', decidedTime = EPOCH_MS } = {},
  ) =>
    driver.createInputTopic(topics.verdicts).pipeInput(
      newPlaybackVerdict({
        tenant,
        account: 'acc-1',
        session,
        eventId,
        verdict: word,
        reason: 'concurrency-limit',
        decidedTime,
        ticketExpiresAt: EPOCH_MS + 24 * HOUR_MS,
      }),
      key(session, tenant),
      EPOCH_MS,
    );
  const pending = () =>
    [...driver.keyValueStore<string, Revocation>(REVOCATIONS).all()].map(({ value }) => value.session);
  /** Lets answers come, then time pass. */
  const pass = async (ms: number) => {
    await new Promise(setImmediate);
    monotonicMs += ms;
    driver.advanceWallClockTime(ms);
    await new Promise(setImmediate);
  };
  const create = async (options: { maxPending?: number; state?: unknown } = {}) => {
    counts = { acknowledged: 0, failed: 0, givenUp: 0, nobody: 0, pending: 0, inFlight: 0 };
    webhooks = new Webhooks({ keys: [], url: 'http://cdn.example/' });
    const outbox = () =>
      new Outbox({
        send: (revocation) => {
          sent.push(revocation.id);
          return Promise.resolve(outcomes.shift() ?? 'acknowledged');
        },
        firstRetryMs: 1000,
        maxRetryMs: 4000,
        maxAgeMs: 48 * HOUR_MS,
        slots: new FairSlots(8),
        targetOf: ({ tenant }) => tenant,
        metrics: counts,
        monotonicMs: () => monotonicMs,
        random: () => 1,
      });
    const { maxPending = 10 } = options;
    const topology = buildTopology({ topics, webhooks, outbox, sweepMs: 100, maxAgeMs: HOUR_MS, maxPending });
    driver = await TopologyTestDriver.create(topology, {
      schemas: new InMemorySchemas(),
      initialWallClockTimeMs: EPOCH_MS,
    });
  };

  beforeEach(async () => {
    sent = [];
    outcomes = [];
    monotonicMs = 0;
    await create();
  });
  afterEach(() => driver.close());

  it('tells of a stream that was stopped, once, and forgets it when that was taken', async () => {
    verdict('s-1', 'STOP');
    expect(pending()).toEqual(['s-1']);
    await pass(100);
    await pass(60_000);
    expect(sent).toEqual(['demo/acc-1/s-1:e-s-1']);
    expect(pending()).toEqual([]);
    expect(counts).toMatchObject({ acknowledged: 1, pending: 0, inFlight: 0 });
  });

  it('told a webhook of two tenants with sessions of the same name under one id: the second was taken for a repetition', async () => {
    for (const tenant of ['demo', 'other']) verdict('s-1', 'STOP', { tenant });
    await pass(100);
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(2);
  });

  it.each<StreamVerdict>(['CONTINUE', 'WARN', 'UNKNOWN'])('tells nobody of %s', async (word) => {
    verdict('s-1', word);
    await pass(1000);
    expect(sent).toEqual([]);
  });

  it('tries again with longer and longer pauses, under the same id', async () => {
    outcomes = ['failed', 'failed', 'failed', 'failed'];
    verdict('s-1', 'STOP');
    const times: number[] = [];
    for (let elapsed = 0; pending().length > 0; elapsed += 100) {
      const before = sent.length;
      await pass(100);
      if (sent.length > before) times.push(elapsed);
    }
    expect(sent).toEqual(Array.from({ length: 5 }, () => 'demo/acc-1/s-1:e-s-1'));
    const pauses = times.map((time, at) => time - (times[at - 1] ?? 0)).map((ms) => Math.round(ms / 1000));
    expect(pauses).toEqual([1, 2, 4, 4]);
  });

  it('sends what was pending after a crash', async () => {
    outcomes = ['failed'];
    verdict('s-1', 'STOP');
    driver.commit();
    await pass(0);
    driver.crash();
    await pass(100);
    expect(sent).toEqual(['demo/acc-1/s-1:e-s-1', 'demo/acc-1/s-1:e-s-1']);
    await pass(100);
    expect(pending()).toEqual([]);
  });

  it('does not send what its session’s last ticket has outlived', async () => {
    outcomes = ['failed', 'failed', 'failed'];
    verdict('s-1', 'STOP');
    verdict('s-2', 'STOP');
    await pass(0);
    driver.createInputTopic(topics.verdicts).pipeInput(null, key('s-1'), EPOCH_MS + 1);
    expect(pending()).toEqual(['s-2']);
    await pass(25 * HOUR_MS);
    await pass(100);
    expect(pending()).toEqual([]);
    expect(counts.givenUp).toBe(1);
  });

  it('gives up the oldest when too many wait', async () => {
    driver.close();
    await create({ maxPending: 2 });
    outcomes = ['failed', 'failed', 'failed'];
    for (const session of ['s-1', 's-2', 's-3']) verdict(session, 'STOP');
    expect(pending().sort()).toEqual(['s-2', 's-3']);
    expect(counts).toMatchObject({ givenUp: 1, pending: 2 });
  });

  it('a stop that was told again pushed another one out when as many waited as may', async () => {
    driver.close();
    await create({ maxPending: 2 });
    outcomes = ['failed', 'failed'];
    for (const session of ['s-1', 's-2', 's-2']) verdict(session, 'STOP');
    expect(pending().sort()).toEqual(['s-1', 's-2']);
    expect(counts).toMatchObject({ givenUp: 0, pending: 2 });
  });

  it('after a crash the first by name was given up, not the oldest', async () => {
    driver.close();
    await create({ maxPending: 2 });
    outcomes = ['failed', 'failed', 'failed', 'failed', 'failed'];
    for (const [at, session] of ['s-9', 's-1'].entries()) verdict(session, 'STOP', { decidedTime: EPOCH_MS + at });
    driver.commit();
    driver.crash();
    verdict('s-5', 'STOP', { decidedTime: EPOCH_MS + 2 });
    expect(pending().sort()).toEqual(['s-1', 's-5']);
  });

  it('a second stop of a session, told right after the first was acknowledged, was not in the store and would have been lost in a crash', async () => {
    outcomes = ['acknowledged', 'failed'];
    verdict('s-1', 'STOP');
    await new Promise(setImmediate);
    verdict('s-1', 'STOP', { eventId: 'e-second' });
    await pass(100);
    expect(pending()).toEqual(['s-1']);
    driver.commit();
    driver.crash();
    await pass(100);
    expect(sent.slice(1)).toEqual(['demo/acc-1/s-1:e-second', 'demo/acc-1/s-1:e-second']);
  });

  it('knows the address and key of each tenant', () => {
    const key2 = { kid: 'k2', key: Buffer.alloc(32) };
    webhooks = new Webhooks({ keys: [{ kid: 'k1', key: Buffer.alloc(32) }, key2], url: undefined });
    expect(webhooks.of('demo')).toBeUndefined();
    const settings = newTenantSettings({ tenant: 'demo', updatedAt: 0, webhookUrl: 'https://cdn.example/' });
    webhooks.apply('demo', { ...settings, webhookKeyId: 'k2' });
    expect(webhooks.of('demo')).toEqual({ url: 'https://cdn.example/', key: key2, isAllowed: true });
    expect(webhooks.of('other')).toBeUndefined();
    webhooks.apply('demo', { ...settings, webhookKeyId: 'k3' });
    expect(webhooks.of('demo')).toEqual({ url: 'https://cdn.example/', key: undefined, isAllowed: true });
    webhooks.apply('demo', null);
    expect(webhooks.of('demo')).toBeUndefined();
  });
});
