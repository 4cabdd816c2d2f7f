import { expect, test } from '@jest/globals';
import type { PlaybackHeartbeat, TrialStart } from '@playhead/event-schemas';
import { Lookups } from '../src/lookups.ts';
import { EPOCH_MS, play, reportOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const whose = { tenant: 'demo', account: 'acc-1', timeoutMs: 1000 };
const policy = (rule: string, more = ''): string => `0 policy {"policy":"p","rules":[{"rule":"r",${rule}}]${more}}`;
const ENDS = (strategy: string): string => policy(`"max":2,"strategy":"${strategy}"`);
const GRACE = policy('"max":1,"grace":{"streams":1,"forMs":60000}');
const POOL = (strategy: string): string => policy(`"count":"device","max":2,"keepMs":60000,"strategy":"${strategy}"`);
const SHADOW = '0 settings {"enforcement":"SHADOW"}';
const TWO = `
  1 start a tv
  2 start b phone
  3 beat a 0
  4 beat b 0 state=PAUSED`;

/** What a start says, as it is said of a dry run. */
function trialOf(start: PlaybackHeartbeat): TrialStart {
  const { device, deviceClass, content, kind, profile, channel, rightsHolder, home, exempt, downloaded, end } = start;
  const { tokenMaxStreams } = start;
  const said = { device, deviceClass, content, kind, profile, channel, rightsHolder, home, exempt, downloaded, end };
  return tokenMaxStreams === null ? said : { ...said, tokenMaxStreams };
}

test.each<[string, string, string]>([
  ['within the limit', '0 limit 3', 'start new tablet'],
  ['over the limit', '', 'start new tablet'],
  ['at a limit of 0', '0 limit 0', 'start new tablet'],
  ['of a device that replaces its own older stream', '', 'start new tv'],
  ['of a device that keeps its streams', policy('"max":2,"sameDevice":"keep"'), 'start new tv'],
  ['that ends the oldest', ENDS('end-oldest'), 'start new tablet'],
  ['that ends the least recent', ENDS('end-least-recent'), 'start new tablet'],
  ['that ends a paused one', ENDS('end-paused-first'), 'start new tablet'],
  ['that asks', ENDS('ask'), 'start new tablet'],
  ['whose viewer chose', ENDS('ask'), 'start new tablet end=a'],
  ['whose viewer chose what does not live', ENDS('ask'), 'start new tablet end=nobody'],
  ['beside a paused stream that is free', policy('"max":1,"paused":"free"'), 'start new tablet'],
  ['of a value that is kept', POOL('ask'), 'start new phone'],
  ['beside values that are kept', POOL('ask'), 'start new tablet'],
  ['beside values that no strategy ends', POOL('end-oldest'), 'start new tablet'],
  ['within a grace', policy('"max":2,"grace":{"streams":1,"forMs":60000}'), 'start new tablet'],
  ['while a grace is used up', GRACE, 'start new tablet'],
  ['in a warm-up', policy('"max":1,"warmUp":{"beats":2}'), 'start new tablet'],
  ['of exempt content', policy('"max":1'), 'start new tablet exempt'],
  ['of exempt content that counts', policy('"max":2,"exempt":"count"'), 'start new tablet exempt'],
  ['that no rule is about', policy('"max":1,"where":{"kind":["LIVE"]}'), 'start new tablet'],
  ['of a download', policy('"max":1'), 'start new tablet downloaded'],
  ['by a token that says more', policy('"max":{"from":"token","otherwise":1}'), 'start new tablet token=3'],
  ['by a token that says less', policy('"max":{"from":"token","otherwise":9}'), 'start new tablet token=1'],
  ['by a token that says nothing', policy('"max":{"from":"token"}'), 'start new tablet'],
  ['by a plan', `0 plan gold\n${policy('"max":{"plans":{"gold":3},"otherwise":1}')}`, 'start new tablet'],
  ['without what a rule asks', policy('"max":5,"per":["profile"],"missing":"refuse"'), 'start new tablet'],
  ['under a policy in shadow', policy('"max":1', ',"mode":"shadow"'), 'start new tablet'],
  ['over the limit of a plan in SHADOW', SHADOW, 'start new tablet'],
  ['over a policy in SHADOW', `${SHADOW}\n${policy('"max":1')}`, 'start new tablet'],
  ['of a device that has an older stream in SHADOW', SHADOW, 'start new tv'],
])('a dry run answers what a start %s is answered', async (_name, first, start) => {
  const bench = await TaskBench.open();
  const open = async () => Object.assign(bench, { close: () => {} });
  await play(`${first}\n${TWO}`, open);
  const sources = { streams: bench, book: bench.book, defaultPlan: { plan: 'default', maxStreams: 2 } };
  const lookups = new Lookups({ ...sources, now: () => EPOCH_MS + 5000 });
  const trial = await lookups.dryRun({ ...whose, start: trialOf(reportOf(`5 ${start}`)) });
  await play(`5 ${start}`, open);
  expect(trial).toEqual(await lookups.explain({ ...whose, session: 'new' }));
});

test('a dry run on a clock behind the log was refused as if a newer stream of the device had replaced it', async () => {
  const bench = await TaskBench.open();
  await play('9 start a tv', async () => Object.assign(bench, { close: () => {} }));
  const sources = { streams: bench, book: bench.book, defaultPlan: { plan: 'default', maxStreams: 2 } };
  const lookups = new Lookups({ ...sources, now: () => EPOCH_MS + 8999 });
  expect(await lookups.dryRun({ ...whose, start: { device: 'tv' } })).toMatchObject({
    decision: 'allow',
    ended: ['a'],
  });
});
