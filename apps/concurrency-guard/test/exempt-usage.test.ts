import { expect, test } from '@jest/globals';
import { Lookups } from '../src/lookups.ts';
import { DriverBench } from './driver-bench.ts';
import { EPOCH_MS, play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const whose = { tenant: 'demo', account: 'acc-1', timeoutMs: 1000 };
const policy = (rule: string, more = ''): string => `0 policy {"policy":"p","rules":[{"rule":"r",${rule}}]${more}}`;
const SHADOW = '0 settings {"enforcement":"SHADOW"}';
const COUNTS = '"exempt":"count"';

test.each<[string, string, string, { current: number; max: number | null }, { streams: number; rules: number[] }]>([
  ['that is exempt', '', 'start new tv exempt', { current: 1, max: null }, { streams: 1, rules: [1] }],
  ['beside exempt ones', '', 'start new tv', { current: 2, max: 2 }, { streams: 2, rules: [2] }],
  ['that is refused', '0 limit 1', 'start new tv', { current: 1, max: 1 }, { streams: 1, rules: [1] }],
  [
    'that no rule is about',
    policy('"max":1,"where":{"kind":["LIVE"]}'),
    'start new tv',
    { current: 2, max: null },
    { streams: 2, rules: [0] },
  ],
  [
    'that is exempt and counts',
    policy(`"max":9,${COUNTS}`),
    'start new tv exempt',
    { current: 3, max: 9 },
    { streams: 3, rules: [3] },
  ],
  [
    'of a kind of which exempt content counts, which the others are not',
    policy(`"max":9,"where":{"kind":["LIVE"]},${COUNTS}`),
    'start new tv exempt kind=LIVE',
    { current: 1, max: 9 },
    { streams: 2, rules: [1] },
  ],
  [
    'of which exempt content counts for a policy in shadow alone',
    policy(`"max":9,${COUNTS}`, ',"mode":"shadow"'),
    'start new tv exempt',
    { current: 1, max: null },
    { streams: 1, rules: [1, 3] },
  ],
  ['in SHADOW that is exempt', SHADOW, 'start new tv exempt', { current: 1, max: null }, { streams: 1, rules: [1] }],
  ['in SHADOW beside exempt ones', SHADOW, 'start new tv', { current: 2, max: null }, { streams: 2, rules: [2] }],
])(
  'a start %s was answered with another usage than the account’s: exempt streams counted in one of them',
  async (_name, first, start, usage, used) => {
    const bench = await TaskBench.open();
    const lines = `${first}\n1 start a phone\n2 start b tablet exempt\n3 ${start}`;
    await play(lines, async () => Object.assign(bench, { close: () => {} }));
    const sources = { streams: bench, book: bench.book, defaultPlan: { plan: 'default', maxStreams: 2 } };
    const lookups = new Lookups({ ...sources, now: () => EPOCH_MS + 3000 });
    expect((await lookups.explain({ ...whose, session: 'new' }))?.usage).toEqual(usage);
    const { streams, rules } = await lookups.usage(whose);
    expect({ streams, rules: rules.map(({ current }) => current) }).toEqual(used);
  },
);

test('exempt content was counted in the level of its account, of which reports are made', async () => {
  const lines = `
    0   limit 1                  ->
    0   start a tv               -> allow a 1/1
    1   start b phone exempt     -> allow b 1/-
    2   start c tablet           -> deny c concurrency-limit 1/1 conflicts a retry 23; stop c concurrency-limit
    2   levels                   -> admitted a 1; admitted b 1; denied c 1 of 2
    3   stop a                   ->
    4   stop b                   ->
    4   levels                   -> stopped a 0; stopped b 0
  `;
  expect(await play(lines, () => DriverBench.open())).toBe(rowsOf(lines).join('\n'));
});
