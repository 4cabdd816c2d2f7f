import { describe, expect, jest, test } from '@jest/globals';
import { accountKey, newTenantPolicy, policyKey, topics } from '@playhead/event-schemas';
import type { PolicyRule } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { STORES } from '../src/guard-processor.ts';
import { PolicyBook } from '../src/policies/policy-book.ts';
import { isLive } from '../src/session-state.ts';
import type { AccountState } from '../src/stored-account.ts';
import type { StoredSession } from '../src/stored-session.ts';
import { buildTopology } from '../src/topology.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';

// Deadlines are for a machine that does much else meanwhile.
jest.setTimeout(60_000);

const SEEDS = 16;
const LIMIT = 1;

function bookOf(rules: readonly PolicyRule[]): PolicyBook {
  const book = new PolicyBook();
  const document = JSON.stringify({ policy: 'p', rules });
  const record = newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS });
  if (rules.length > 0) book.apply(policyKey('demo', 'p'), record, { partition: 0, offset: 0 });
  return book;
}

/**
 * What lives at the end, the account's list of sessions, the values that it counts on and the streams that were told to stop,
 * when the guard crashes after so many records with everything uncommitted. The seed chooses how much of each changelog, and
 * of what was announced, the brokers have by then.
 */
async function crashed(
  steps: readonly string[],
  seed: number,
  afterRecords: number,
  rules: readonly PolicyRule[] = [],
) {
  const driver = await TopologyTestDriver.create(
    buildTopology({
      defaultPlan: { plan: 'default', maxStreams: LIMIT },
      caughtUp: () => false,
      book: bookOf(rules),
    }),
    {
      guarantee: 'at_least_once',
      seed,
      commitInterval: { records: Number.POSITIVE_INFINITY },
      faults: [{ afterRecords, kind: 'crash' }],
      schemas: new InMemorySchemas(),
      initialWallClockTimeMs: EPOCH_MS,
    },
  );
  const heartbeats = driver.createInputTopic(topics.heartbeats);
  const verdicts = driver.createOutputTopic(topics.verdicts);
  const reports = steps.map(reportOf);
  for (const report of reports) {
    heartbeats.pipeInput(report, accountKey('demo', 'acc-1'), report.receivedTime);
    await driver.settle();
  }
  driver.commit();
  await driver.settle();
  const nowMs = Math.max(...reports.map(({ receivedTime }) => receivedTime));
  const sessions = driver.keyValueStore<string, StoredSession>(STORES.sessions);
  const live = [...sessions.all()].filter(({ value }) => isLive(value, nowMs)).map(({ key }) => key);
  const account = driver.keyValueStore<string, AccountState>(STORES.accounts).get('demo/acc-1');
  const told = verdicts.readValuesToList().filter((verdict) => verdict?.verdict === 'STOP');
  const stopped = new Set(told.map((verdict) => verdict?.session));
  const { crashes } = driver.metrics;
  driver.close();
  return {
    live,
    known: account?.sessions ?? [],
    kept: (account?.kept ?? []).map(({ value }) => value),
    stopped: [...stopped].sort(),
    crashes,
  };
}

describe('a crash that left a session without its account, or an account without its session, gave a slot away twice', () => {
  test.each<[string, readonly string[]]>([
    ['starts', ['0 start a tv', '1 start b phone', '2 beat a 0', '3 start c tablet', '4 beat a 1', '5 start d laptop']],
    ['beats of sessions without a start', ['0 beat a 0', '1 beat b 0', '2 beat a 1', '3 beat c 0', '4 start d laptop']],
    [
      'starts that waited on a disk, admitted unchecked',
      ['0 unchecked a', '0 start a tv late', '1 beat a 0', '2 beat b 0', '3 start c tablet'],
    ],
  ])('%s', async (_name, steps) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      for (let afterRecords = 1; afterRecords < steps.length; afterRecords++) {
        const { live, known, crashes } = await crashed(steps, seed, afterRecords);
        const what = { seed, afterRecords, crashes, live: live.length, known: known.toSorted() };
        expect(what).toEqual({ seed, afterRecords, crashes: 1, live: LIMIT, known: [...new Set(known)].toSorted() });
      }
    }
  });
});

test.each(['stop', 'terminate'])(
  'a crash left a session whose first record was a %s out of its account’s list for good',
  async (end) => {
    const steps = [`0 ${end} a`, '1 start a tv', '2 start b phone', '3 beat a 0'];
    for (let seed = 0; seed < SEEDS; seed++) {
      for (let afterRecords = 1; afterRecords < steps.length; afterRecords++) {
        const { live, known, crashes } = await crashed(steps, seed, afterRecords);
        const what = { seed, afterRecords, crashes, live, known: known.toSorted() };
        expect(what).toEqual({ seed, afterRecords, crashes: 1, live: ['demo/acc-1/b'], known: ['a', 'b'] });
      }
    }
  },
);

test.each<[string, readonly PolicyRule[], readonly string[]]>([
  ['a device had replaced', [], ['0 start a tv', '1 start b tv', '2 start c tv', '3 beat b 0', '4 beat c 0']],
  [
    'a policy had ended',
    [{ rule: 'one', max: 1, strategy: 'end-oldest' }],
    ['0 beat a 0', '1 start b phone', '2 beat c 0', '3 beat b 0', '4 beat c 1'],
  ],
])('a crash within a record lost the stop of the stream that %s by it: it played on', async (_name, rules, steps) => {
  for (let seed = 0; seed < SEEDS; seed++) {
    for (let afterRecords = 1; afterRecords < steps.length; afterRecords++) {
      const { live, stopped } = await crashed(steps, seed, afterRecords, rules);
      const expected = { seed, afterRecords, live: ['demo/acc-1/c'], stopped: ['a', 'b'] };
      expect({ seed, afterRecords, live, stopped }).toEqual(expected);
    }
  }
});

test('a device that changed channels within a grace was refused when a crash had cut its start in two', async () => {
  const rules: readonly PolicyRule[] = [{ rule: 'one', max: 1, grace: { streams: 1, forMs: 60_000 } }];
  const steps = ['0 start a tv', '1 start b phone', '2 start c tv', '3 beat b 0', '4 beat c 0'];
  for (let seed = 0; seed < SEEDS; seed++) {
    for (let afterRecords = 1; afterRecords < steps.length; afterRecords++) {
      const { live, stopped } = await crashed(steps, seed, afterRecords, rules);
      const expected = { seed, afterRecords, live: ['demo/acc-1/b', 'demo/acc-1/c'], stopped: ['a'] };
      expect({ seed, afterRecords, live: live.toSorted(), stopped }).toEqual(expected);
    }
  }
});

test('a crash within a start forgot that its device was to be counted on', async () => {
  const rules: readonly PolicyRule[] = [{ rule: 'devices', count: 'device', max: 3, keepMs: 3_600_000 }];
  const steps = ['0 start a tv', '1 start b phone', '2 start c tablet', '3 beat a 0'];
  for (let seed = 0; seed < SEEDS; seed++) {
    for (let afterRecords = 1; afterRecords < steps.length; afterRecords++) {
      const { kept } = await crashed(steps, seed, afterRecords, rules);
      const expected = { seed, afterRecords, kept: ['phone', 'tablet', 'tv'] };
      expect({ seed, afterRecords, kept: kept.toSorted() }).toEqual(expected);
    }
  }
});
