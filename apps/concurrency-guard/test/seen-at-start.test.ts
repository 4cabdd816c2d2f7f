import { expect, test } from '@jest/globals';
import { Lookups } from '../src/lookups.ts';
import { EPOCH_MS, play } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const whose = { tenant: 'demo', account: 'acc-1', timeoutMs: 1000 };

/** The lookups on what a scenario leaves, ten seconds after its beginning. */
async function lookupsAfter(lines: string): Promise<Lookups> {
  const bench = await TaskBench.open();
  await play(lines, async () => Object.assign(bench, { close: () => {} }));
  const sources = { streams: bench, book: bench.book, defaultPlan: { plan: 'default', maxStreams: 2 } };
  return new Lookups({ ...sources, now: () => EPOCH_MS + 10_000 });
}

/** Another account's record moves the log's time on before these of two gateways come that received theirs earlier. */
const BEHIND = `
  5     start x tv account=acc-2
  4.998 start a tv
  4.999 start b phone
`;
const STARTED = EPOCH_MS + 5000;

test('a session was shown as last seen before its start, where the time of the log was further', async () => {
  const lookups = await lookupsAfter(`${BEHIND}\n5.5 start c tablet`);
  const times = ({ startedAt, lastSeenAt }: { readonly startedAt: number; readonly lastSeenAt: number }) => [
    startedAt,
    lastSeenAt,
  ];
  const started = [STARTED, STARTED];
  expect((await lookups.streams(whose)).streams.map(times)).toEqual([started, started]);
  const { sessions } = await lookups.find({ ...whose, filter: { account: 'acc-1', state: 'active' } });
  expect(sessions.map(times)).toEqual([started, started]);
  const refused = await lookups.explain({ ...whose, session: 'c' });
  expect(refused?.conflicts.map(times)).toEqual([started, started]);
});

test('a session is seen last at its start until a later report comes', async () => {
  const lookups = await lookupsAfter(`${BEHIND}\n4.999 beat a 0\n7 beat b 0`);
  const { streams } = await lookups.streams(whose);
  expect(streams.map(({ lastSeenAt }) => lastSeenAt)).toEqual([STARTED, EPOCH_MS + 7000]);
});

test('a session that stopped at once ended before its start in the history', async () => {
  const lookups = await lookupsAfter(`${BEHIND}\n4.999 stop a`);
  const { entries } = await lookups.history(whose);
  const told = entries.filter(({ sessionId }) => sessionId === 'a').map(({ type, at }) => [type, at]);
  expect(told).toEqual([
    ['END', STARTED],
    ['ADMISSION', STARTED],
  ]);
});

test('of two streams the one that was received earlier was taken as seen less recently, though it had started later', async () => {
  const lookups = await lookupsAfter(`
    0     policy {"policy":"p","rules":[{"rule":"r","max":2,"strategy":"end-least-recent"}]}
    4.999 start b phone
    5     start x tv account=acc-2
    4.998 start a tv
    6     start c tablet
  `);
  expect((await lookups.explain({ ...whose, session: 'c' }))?.ended).toEqual(['b']);
});

test('the usage of an account left out streams that had started later than the clock of the guard says', async () => {
  const lookups = await lookupsAfter('11 start a tv\n12 start b phone');
  const { streams, rules } = await lookups.usage(whose);
  expect([streams, rules.map(({ current }) => current)]).toEqual([2, [2]]);
});
