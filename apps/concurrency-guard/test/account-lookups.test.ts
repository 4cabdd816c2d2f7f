import { expect, test } from '@jest/globals';
import { policyKey } from '@playhead/event-schemas';
import { newTenantPolicy } from '@playhead/event-schemas';
import { STORES } from '../src/guard-processor.ts';
import { Lookups } from '../src/lookups.ts';
import type { LookupSources } from '../src/lookups.ts';
import { PolicyBook } from '../src/policies/policy-book.ts';
import type { StoredSession } from '../src/stored-session.ts';
import { EPOCH_MS, play } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const whose = { tenant: 'demo', account: 'acc-1', timeoutMs: 1000 };

/** The lookups on what a scenario leaves, `seconds` after its beginning. */
async function lookupsAfter(lines: string, seconds: number): Promise<{ lookups: Lookups; bench: TaskBench }> {
  const bench = await TaskBench.open();
  await play(lines, async () => Object.assign(bench, { close: () => {} }));
  const { book } = bench;
  const lookups = new Lookups({
    streams: bench,
    book,
    defaultPlan: { plan: 'default', maxStreams: 2 },
    now: () => EPOCH_MS + seconds * 1000,
  });
  return { lookups, bench };
}

const ASK =
  '{"policy":"p","rules":[{"rule":"two","max":2,"strategy":"ask"},{"rule":"tv","per":["deviceClass"],"max":1}]}';
const EVENING = `
  0   policy ${ASK}
  0   start a tv deviceClass=TV title=Film profile=ann
  1   start b phone deviceClass=MOBILE
  2   beat b 0 state=PAUSED
  3   start c tablet deviceClass=TABLET
  4   terminate b
  5   start d phone deviceClass=MOBILE
`;

test('usage shows what an account uses of every rule, a line for each group', async () => {
  const { lookups } = await lookupsAfter(EVENING, 6);
  expect(await lookups.usage(whose)).toEqual({
    plan: 'default',
    streams: 2,
    rules: [
      { policy: 'p', version: 1, rule: 'two', outcome: 'deny', shadow: false, strategy: 'ask', current: 2, max: 2 },
      {
        policy: 'p',
        version: 1,
        rule: 'tv',
        outcome: 'deny',
        shadow: false,
        strategy: 'block-new',
        group: 'deviceClass=TV',
        current: 1,
        max: 1,
      },
      {
        policy: 'p',
        version: 1,
        rule: 'tv',
        outcome: 'deny',
        shadow: false,
        strategy: 'block-new',
        group: 'deviceClass=MOBILE',
        current: 1,
        max: 1,
      },
    ],
  });
  expect(await lookups.usage({ ...whose, account: 'nobody' })).toMatchObject({
    streams: 0,
    rules: [{ rule: 'two', current: 0, outcome: 'allow' }],
  });
});

test('usage left out a rule whose limit the token says, as if it were not there', async () => {
  const { lookups } = await lookupsAfter(
    `
    0 policy {"policy":"p","rules":[{"rule":"token","max":{"from":"token"}},{"rule":"plan","max":{"plans":{"gold":4}}}]}
    0 start a tv token=1
    `,
    1,
  );
  const { rules } = await lookups.usage(whose);
  expect(rules.map(({ rule, outcome, current, max }) => [rule, outcome, current, max])).toEqual([
    ['token', 'allow', 1, null],
  ]);
});

test('usage showed rules as enforced in a tenant in SHADOW', async () => {
  const { lookups, bench } = await lookupsAfter(EVENING, 6);
  bench.settings({ ...SETTINGS, enforcement: 'SHADOW' });
  expect(new Set((await lookups.usage(whose)).rules.map(({ shadow }) => shadow))).toEqual(new Set([true]));
});

test('a stream that nothing limits was shown as one of a thousand', async () => {
  const { lookups } = await lookupsAfter(
    `
    0 policy {"policy":"p","rules":[{"rule":"live","where":{"kind":["LIVE"]},"max":1}]}
    0 start a tv kind=VOD
    `,
    1,
  );
  expect((await lookups.explain({ ...whose, session: 'a' }))?.usage).toEqual({ current: 1, max: null });
  expect((await lookups.history(whose)).entries[0]).not.toHaveProperty('max');
  const exempt = { kind: 'LIVE', exempt: true } as const;
  expect((await lookups.dryRun({ ...whose, start: exempt })).usage).toEqual({ current: 1, max: null });
  expect((await lookups.dryRun({ ...whose, start: { kind: 'LIVE' } })).usage).toEqual({ current: 1, max: 1 });
});

test('history tells what was decided on the account, newest first, with why', async () => {
  const { lookups } = await lookupsAfter(EVENING, 6);
  const told = (await lookups.history(whose)).entries.map(({ at, type, sessionId, decision, reason, rule, endedBy }) =>
    [(at - EPOCH_MS) / 1000, type, sessionId, decision, reason, rule, endedBy]
      .filter((word) => word !== undefined)
      .join(' '),
  );
  expect(told).toEqual([
    '5 ADMISSION d allow',
    '4 END b terminated operator',
    '3 ADMISSION c deny concurrency-limit two',
    '1 ADMISSION b allow',
    '0 ADMISSION a allow',
  ]);
  expect((await lookups.history({ ...whose, limit: 1 })).entries).toHaveLength(1);
});

test('explain says which rules were asked, and what may be ended', async () => {
  const { lookups, bench } = await lookupsAfter(EVENING, 3);
  expect(await lookups.explain({ ...whose, session: 'c' })).toMatchObject({
    decision: 'deny',
    reason: 'concurrency-limit',
    policy: 'p',
    rule: 'two',
    mayEnd: true,
    checked: true,
    plan: 'default',
    usage: { current: 2, max: 2 },
    conflicts: [
      { sessionId: 'a', deviceClass: 'TV' },
      { sessionId: 'b', deviceClass: 'MOBILE', paused: true },
    ],
    rules: [
      { rule: 'two', outcome: 'deny', current: 3, max: 2 },
      { rule: 'tv', outcome: 'allow', group: 'deviceClass=TABLET', current: 1, max: 1 },
    ],
  });
  expect(await lookups.explain({ ...whose, session: 'nobody' })).toBeUndefined();
  const [first] = (await lookups.explain({ ...whose, session: 'c' }))?.conflicts ?? [];
  expect([first?.title, first?.profile]).toEqual([undefined, undefined]);
  bench.settings({ ...SETTINGS, showTitles: true });
  const [named] = (await lookups.explain({ ...whose, session: 'c' }))?.conflicts ?? [];
  expect([named?.title, named?.profile]).toEqual(['Film', 'ann']);
});

test('a dry run says what a start would be answered, and changes nothing', async () => {
  const { lookups } = await lookupsAfter(EVENING, 6);
  const start = { device: 'laptop', deviceClass: 'DESKTOP' } as const;
  expect(await lookups.dryRun({ ...whose, start })).toMatchObject({
    decision: 'deny',
    rule: 'two',
    mayEnd: true,
    usage: { current: 2, max: 2 },
  });
  expect(await lookups.dryRun({ ...whose, start: { ...start, end: ['a'] } })).toMatchObject({
    decision: 'allow',
    ended: ['a'],
  });
  expect(await lookups.dryRun({ ...whose, start: { ...start, exempt: true } })).toMatchObject({
    decision: 'allow',
    rules: [],
  });
  expect((await lookups.streams(whose)).streams.map(({ sessionId }) => sessionId)).toEqual(['a', 'd']);
});

test('a batch answers in the order asked, null for what is not known', async () => {
  const { lookups } = await lookupsAfter(EVENING, 6);
  const sessions = [
    { account: 'acc-1', session: 'b' },
    { account: 'acc-1', session: 'nobody' },
    { account: 'acc-2', session: 'a' },
    { account: 'acc-1', session: 'a' },
  ];
  const found = await lookups.sessions({ tenant: 'demo', sessions, timeoutMs: 1000 });
  expect(found.map((session) => session?.verdict ?? null)).toEqual(['stop', null, null, 'continue']);
});

test('an operator finds sessions by what they are, page by page', async () => {
  const { lookups } = await lookupsAfter(
    `${EVENING}
     6   start e stick account=acc-2
     6   start f stick account=acc-3`,
    7,
  );
  const find = async (filter: object, more: object = {}) => {
    const { sessions, next } = await lookups.find({ tenant: 'demo', filter, timeoutMs: 1000, ...more });
    return { found: sessions.map(({ account, sessionId }) => `${account} ${sessionId}`), next };
  };
  expect((await find({ device: 'stick' })).found).toEqual(['acc-2 e', 'acc-3 f']);
  expect((await find({ account: 'acc-1', state: 'ended' })).found).toEqual(['acc-1 b', 'acc-1 c']);
  expect((await find({ session: 'd' })).found).toEqual(['acc-1 d']);
  expect((await find({ content: 'no-such' })).found).toEqual([]);
  const first = await find({ state: 'active' }, { limit: 2 });
  expect(first).toEqual({ found: ['acc-1 a', 'acc-1 d'], next: 'demo/acc-1/d' });
  expect((await find({ state: 'active' }, { limit: 2, after: first.next })).found).toEqual(['acc-2 e', 'acc-3 f']);
  expect((await lookups.find({ tenant: 'dem', filter: {}, timeoutMs: 1000 })).sessions).toEqual([]);
});

test('a search after a key of another tenant looked through that tenant’s sessions and gave one of their keys as next', async () => {
  const { bench } = await lookupsAfter('0 start a tv', 1);
  const key = (tenant: string, n: number): string => `${tenant}/acc-7/s-${String(n).padStart(4, '0')}`;
  const stored = bench.query<string, StoredSession>(STORES.sessions);
  const { value } = await stored.get('demo/acc-1/a');
  // Two tenants that sort on both sides of demo, with more sessions than one page looks at.
  const names = ['acme', 'zoo'].flatMap((tenant) => Array.from({ length: 1_100 }, (_, n) => key(tenant, n)));
  const keys = [...names, 'demo/acc-1/a', 'demo/acc-2/b'].sort();
  const asked: string[] = [];
  const range = async (from: string, to: string, { limit = 1000 }: { readonly limit?: number } = {}) => {
    asked.push(from);
    const found = keys.filter((one) => one >= from && one <= to);
    const entries = found.slice(0, limit).map((one) => ({ key: one, value }));
    return { entries, truncated: found.length > limit, position: [] };
  };
  const streams = { query: () => ({ range }) } as unknown as LookupSources['streams'];
  const book = new PolicyBook();
  const lookups = new Lookups({ streams, book, defaultPlan: { plan: 'default', maxStreams: 2 }, now: () => EPOCH_MS });
  for (const after of ['0', 'acme/acc-7/s-0500', 'demo', 'zoo/acc-7/s-0000', '~']) {
    const { sessions, next } = await lookups.find({ tenant: 'demo', filter: {}, timeoutMs: 1000, after });
    const own = after < 'demo/' ? ['acc-1 a', 'acc-2 b'] : [];
    expect({ after, found: sessions.map((one) => `${one.account} ${one.sessionId}`), next }).toEqual({
      after,
      found: own,
      next: undefined,
    });
  }
  expect(asked.filter((from) => from < 'demo/')).toEqual([]);
});

test('a policy put at run time is decided by when it has been applied, and taken back too', async () => {
  const { lookups, bench } = await lookupsAfter('0 start a tv', 1);
  const applied = lookups.policyApplied({ tenant: 'demo', policy: 'p', version: 3, timeoutMs: 60_000 });
  const record = {
    tenant: 'demo',
    policy: 'p',
    document: '{"policy":"p","rules":[{"rule":"none","max":0}]}',
    updatedAt: 5,
    updatedBy: 'operator',
  };
  bench.policy(newTenantPolicy({ ...record, version: 2 }));
  bench.policy(newTenantPolicy({ ...record, version: 3 }));
  await applied;
  expect(await lookups.policies({ tenant: 'demo', timeoutMs: 1000 })).toEqual({
    p: {
      version: 3,
      updatedAt: 5,
      updatedBy: 'operator',
      document: { policy: 'p', rules: [{ rule: 'none', max: 0 }] },
    },
  });
  expect(await lookups.dryRun({ ...whose, start: {} })).toMatchObject({ decision: 'deny', policy: 'p' });
  bench.book.apply(policyKey('demo', 'p'), null, { partition: 0, offset: 2 });
  await lookups.policyApplied({ tenant: 'demo', policy: 'p', version: null, timeoutMs: 1000 });
  expect(await lookups.dryRun({ ...whose, start: {} })).toMatchObject({
    decision: 'allow',
    rules: [{ policy: 'plan-limit' }],
  });
  await expect(lookups.policyApplied({ tenant: 'demo', policy: 'p', version: 4, timeoutMs: 1 })).rejects.toThrow(
    'policy p of demo was not applied within 1 ms',
  );
});

const SETTINGS = {
  schemaVersion: 1,
  tenant: 'demo',
  enforcement: 'UNKNOWN',
  failRule: 'UNKNOWN',
  uncheckedLeaseMs: null,
  heartbeatIntervalMs: null,
  heartbeatGraceMs: null,
  heartbeatMaxMissed: null,
  webhookUrl: null,
  webhookKeyId: null,
  showTitles: null,
  updatedAt: 1,
  updatedBy: null,
} as const;

test('history told of an end in 1970 for a start that had waited for Kafka', async () => {
  const { lookups } = await lookupsAfter('0 start a tv late', 60);
  const { entries } = await lookups.history(whose);
  expect(entries.map(({ type }) => type)).not.toContain('END');
  expect(Math.min(...entries.map(({ at }) => at))).toBeGreaterThanOrEqual(EPOCH_MS);
});
