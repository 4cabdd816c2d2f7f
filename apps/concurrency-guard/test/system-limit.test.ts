import { describe, expect, test } from '@jest/globals';
import {
  accountKey,
  MAX_STREAMS,
  newTenantPolicy,
  newTenantSettings,
  policyKey,
  sessionKey,
} from '@playhead/event-schemas';
import { NO_HEADERS } from '@playhead/stream-core';
import type { ProcessorContext, StreamRecord } from '@playhead/stream-core';
import type { Outgoing } from '../src/guard-announcer.ts';
import { GuardProcessor, STORES } from '../src/guard-processor.ts';
import { FORGOTTEN_AT_ONCE, MAX_SESSIONS_PER_ACCOUNT } from '../src/guard-state.ts';
import { GuardMetrics } from '../src/metrics/guard-metrics.ts';
import { PolicyBook } from '../src/policies/policy-book.ts';
import type { AccountState } from '../src/stored-account.ts';
import type { StoredSession } from '../src/stored-session.ts';
import { counted } from './counted-store.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';

/** What one record may read of a few sessions. */
const FEW = 10;
/** What one more record of an account with too many sessions may read: its part of looking for some to forget. */
const READ_BY_ONE = Math.ceil(MAX_SESSIONS_PER_ACCOUNT / FORGOTTEN_AT_ONCE) + FEW;
const ACCOUNT = accountKey('demo', 'acc-1');

/** The guard over stores that count what is read of sessions. */
class CountingBench {
  readonly book = new PolicyBook();
  readonly outputs: Outgoing[] = [];
  readonly #sessions = counted<StoredSession>();
  readonly #accounts = counted<AccountState>();
  readonly #guard = new GuardProcessor({
    defaultPlan: { plan: 'default', maxStreams: 1 },
    lease: { intervalMs: 10_000, graceMs: 15_000 },
    sweepIntervalMs: 1000,
    caughtUp: () => true,
    book: this.book,
    metrics: new GuardMetrics(),
  });

  constructor() {
    const context = {
      partition: 0,
      forward: ({ value }: StreamRecord<string, Outgoing>) => this.outputs.push(value),
      schedule: () => ({ cancel: () => {} }),
      getStateStore: (name: string) => (name === STORES.accounts ? this.#accounts : this.#sessions).store,
      currentSystemTimeMs: () => EPOCH_MS,
    };
    this.#guard.init(context as unknown as ProcessorContext<string, Outgoing>);
  }

  get reads(): number {
    return this.#sessions.reads.count;
  }

  get remembered(): number {
    return this.#accounts.store.get(ACCOUNT)?.sessions.length ?? 0;
  }

  /** Sessions that were read meanwhile. */
  readBy(act: () => void): number {
    const before = this.reads;
    act();
    return this.reads - before;
  }

  policy(rule: string): void {
    const document = `{"policy":"p","rules":[{"rule":"r",${rule}}]}`;
    const record = newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS });
    this.book.apply(policyKey('demo', 'p'), record, { partition: 0, offset: 0 });
  }

  shadow(): void {
    this.book.applySettings('demo', newTenantSettings({ tenant: 'demo', enforcement: 'SHADOW', updatedAt: EPOCH_MS }));
  }

  send(step: string): void {
    const value = reportOf(step);
    this.#guard.process({ key: ACCOUNT, value, timestamp: value.receivedTime, headers: NO_HEADERS });
  }

  session(session: string): StoredSession | null {
    return this.#sessions.store.get(sessionKey('demo', 'acc-1', session));
  }
}

/** An account with as many streams as it may have, of content that no rule is about. */
function fullAccount(): CountingBench {
  const bench = new CountingBench();
  for (let n = 0; n < MAX_STREAMS; n++) bench.send(`0 start s-${n} d-${n} exempt lease=900`);
  bench.outputs.length = 0;
  return bench;
}

describe('streams that no rule is about', () => {
  test('had no bound, and every start beyond the sessions that are remembered read all of them', () => {
    const bench = fullAccount();
    expect(bench.session(`s-${MAX_STREAMS - 1}`)?.start).toMatchObject({ allowed: true, current: 0 });
    bench.send('1 start over d-over exempt');
    expect(bench.session('over')?.start).toMatchObject({
      allowed: false,
      reason: 'system-limit',
      current: MAX_STREAMS,
      max: MAX_STREAMS,
      retryAfterMs: 899_000,
      conflicts: [],
    });
    expect(bench.outputs).toContainEqual(
      expect.objectContaining({ session: 'over', verdict: 'STOP', reason: 'system-limit', policy: 'system-limit' }),
    );
    bench.send('1 evidence seen MANIFEST');
    expect(bench.session('seen')?.reopening).toMatchObject({ allowed: false, reason: 'system-limit' });
    const starts = MAX_SESSIONS_PER_ACCOUNT - MAX_STREAMS + 2 * FORGOTTEN_AT_ONCE;
    const reads = bench.readBy(() => {
      for (let n = 0; n < starts; n++) bench.send(`2 start over-${n} tv exempt`);
    });
    expect(reads / starts).toBeLessThan(READ_BY_ONE);
    expect(bench.remembered).toBeLessThanOrEqual(MAX_SESSIONS_PER_ACCOUNT);
    expect(bench.session('s-0')?.phase).toBe('OPEN');
  });

  test('are bounded where the tenant’s rules only count, too', () => {
    const bench = fullAccount();
    bench.shadow();
    bench.send('1 start over tv');
    expect(bench.session('over')?.start).toMatchObject({ allowed: false, reason: 'system-limit' });
  });

  test('go on when there are as many as can be: what runs, what takes another’s place and what is history', () => {
    const bench = fullAccount();
    bench.send('1 beat s-0 0');
    bench.send('2 start over tv end=s-1 exempt');
    bench.send('3 start late tv late exempt');
    bench.send('3 start kept tv downloaded');
    const started = ['s-0', 'over', 'late', 'kept'].map((name) => bench.session(name)?.start?.allowed);
    expect(started).toEqual([true, true, true, true]);
    expect(bench.session('s-1')).toMatchObject({ phase: 'BARRED', endReason: 'viewer-choice' });
    bench.send('4 stop s-2');
    bench.send('5 start more tv exempt');
    expect(bench.session('more')?.start?.allowed).toBe(true);
  });
});

const MANY = (n: number): string => `0 start s-${n} d-${n} profile=p-${n} lease=900`;

test.each<[string, (bench: CountingBench) => void, (n: number) => string, string]>([
  ['in SHADOW', (bench) => bench.shadow(), MANY, 'd-5'],
  ['that no rule is about', (bench) => bench.policy('"max":1,"where":{"kind":["LIVE"]}'), MANY, 'tablet'],
  ['of which a rule allows more', (bench) => bench.policy('"max":3,"per":["profile"]'), MANY, 'tablet profile=new'],
  [
    'of a device that keeps its streams',
    (bench) => bench.policy('"count":"device","max":3,"sameDevice":"keep"'),
    (n) => `0 start s-${n} tv lease=900`,
    'tv',
  ],
])('a start at an account with all the streams that it can have, %s, read each of them', (_name, rules, step, more) => {
  const bench = new CountingBench();
  rules(bench);
  for (let n = 0; n < MAX_STREAMS; n++) bench.send(step(n));
  const reads = bench.readBy(() => bench.send(`1 start over ${more}`));
  const refusal = { allowed: false, reason: 'system-limit', current: MAX_STREAMS, retryAfterMs: 899_000 };
  expect(bench.session('over')?.start).toMatchObject({ ...refusal, conflicts: [], max: MAX_STREAMS });
  expect(reads).toBeLessThan(FEW);
});

test.each<[string, (n: number) => string, (bench: CountingBench) => void, number]>([
  ['', MANY, (bench) => bench.shadow(), MAX_STREAMS - 1],
  [' of exempt content', (n) => `0 start s-${n} d-${n} exempt`, () => undefined, 0],
])('a stop read all streams%s that were left, to tell how many', (_what, step, rules, left) => {
  const bench = new CountingBench();
  rules(bench);
  for (let n = 0; n < MAX_STREAMS; n++) bench.send(step(n));
  expect(bench.readBy(() => bench.send('1 stop s-0'))).toBeLessThan(FEW);
  expect(bench.outputs).toContainEqual(expect.objectContaining({ type: 'STOPPED', level: left }));
});

test.each<[string, string, string]>([
  ['a rule that ends the oldest', '"max":1000,"strategy":"end-oldest"', 'tablet'],
  ['the place of its device’s older stream', '"max":1,"where":{"kind":["LIVE"]}', 'd-0'],
])('a start at such an account is admitted by %s', (_name, rule, device) => {
  const bench = new CountingBench();
  bench.policy(rule);
  for (let n = 0; n < MAX_STREAMS; n++) bench.send(MANY(n));
  bench.send(`1 start more ${device}`);
  expect(bench.session('more')?.start).toMatchObject({ allowed: true });
  expect(bench.session('s-0')?.phase).toBe('BARRED');
});

test.each(['late', 'downloaded'])('a start that is %s reads few sessions, however many there are', (word) => {
  const bench = new CountingBench();
  const starts = MAX_SESSIONS_PER_ACCOUNT + 300;
  for (let n = 0; n < starts; n++) bench.send(`1 start s-${n} tv ${word}`);
  expect(bench.reads / starts).toBeLessThan(20);
  expect(bench.remembered).toBeLessThanOrEqual(MAX_SESSIONS_PER_ACCOUNT);
});
