import { expect, test } from '@jest/globals';
import type { PolicyRule } from '@playhead/event-schemas';
import { keptName } from '../src/policies/rule-count.ts';
import { usageOf } from '../src/policies/usage.ts';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a start was admitted over the limit because a stream could be ended whose value is kept all the same',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1,"keepMs":3600000,"strategy":"end-oldest"}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/pool conflicts a retry 3599; stop b concurrency-limit
    `,
  ],
  [
    'a stream that another rule ended was taken to free its place although its value is kept',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":2,"keepMs":3600000,"strategy":"end-oldest"}]} ->
      0 start a tv -> allow a 1/2
      1 policy {"policy":"p","rules":[{"rule":"two","max":2}]} ->
      2 start b phone -> allow b 2/2
      3 policy {"policy":"p","rules":[{"rule":"two","max":2,"strategy":"end-oldest"},{"rule":"pool","count":"device","max":2,"keepMs":3600000,"strategy":"end-oldest"}]} ->
      4 start c laptop -> allow c 2/2 ends a b; stop a newer-stream; stop b newer-stream
    `,
  ],
  [
    'a device that only a grace had let in was kept when that was over, and locked out the one that it was lent a place beside',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1,"keepMs":3600000,"grace":{"streams":1,"forMs":10000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 11; warn b grace
      12 beat b 0 -> check deny b concurrency-limit 1/1 by p/pool conflicts a retry 3588; stop b concurrency-limit
      13 stop a ->
      40 start c tv -> allow c 1/1
    `,
  ],
  [
    'a device whose grace has ended well is kept from then on',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1,"keepMs":20000,"grace":{"streams":1,"forMs":20000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 21; warn b grace
      2 stop a ->
      20 beat b 0 ->
      21 beat b 1 -> continue b; check allow b 1/1
      22 stop b ->
      23 start c tv -> deny c concurrency-limit 1/1 by p/pool retry 18; stop c concurrency-limit
    `,
  ],
  [
    'values that a rule had kept went on counting when it did not keep any more',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1,"keepMs":3600000}]} ->
      0 start a tv -> allow a 1/1
      1 stop a ->
      2 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1}]} ->
      3 start b phone -> allow b 1/1
    `,
  ],
  [
    'devices that were kept counted as profiles when the rule counted profiles from then on',
    `
      0 policy {"policy":"p","rules":[{"rule":"pool","count":"device","max":1,"keepMs":3600000}]} ->
      0 start a tv profile=kim -> allow a 1/1
      1 stop a ->
      2 policy {"policy":"p","rules":[{"rule":"pool","count":"profile","max":1,"keepMs":3600000}]} ->
      3 start b tv profile=kim -> allow b 1/1
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

const POOL: PolicyRule = { rule: 'pool', count: 'device', max: 2, keepMs: 1000 };

/** Places that account usage shows for a rule, when one value was kept under the name. */
function usedBy(rule: PolicyRule, name: string): number | undefined {
  const kept = [{ rule: name, group: '', value: 'tv', until: 10 }];
  const allowances = { plan: 'basic', maxStreams: 2, tokenMaxStreams: null };
  const account = { allowances, kept, nowMs: 5, shadow: false };
  return usageOf([{ policy: { policy: 'p', rules: [rule] }, version: 1 }], [], account)[0]?.current;
}

test.each<[string, PolicyRule, string, number]>([
  ['a value that is kept', POOL, keptName('p', POOL), 1],
  ['one that was stored before it was said what it counts', POOL, 'p/pool', 1],
  ['none of a rule that does not keep', { rule: 'pool', count: 'device', max: 2 }, 'p/pool', 0],
  ['none that was counted by another attribute', { ...POOL, count: 'profile' }, keptName('p', POOL), 0],
  ['none that was counted apart by others', { ...POOL, per: ['kind'] }, keptName('p', POOL), 0],
  ['none of another rule', { ...POOL, rule: 'other' }, keptName('p', POOL), 0],
])('the usage of a rule counts %s', (_name, rule, name, places) => {
  expect(usedBy(rule, name) ?? 0).toBe(places);
});
