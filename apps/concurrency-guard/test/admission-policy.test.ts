import { describe, expect, test } from '@jest/globals';
import { decideAdmission } from '../src/admission-policy.ts';
import type { LiveStream } from '../src/admission-policy.ts';

/** `a@tv:3` is session a on device tv, first seen at 3; `-` is no device. */
function stream(text: string): LiveStream {
  const [, session = '', device = '', startedAt = '0'] = /^(\w+)@([\w-]+):(\d+)$/.exec(text) ?? [];
  return { session, device: device === '-' ? null : device, startedAt: Number(startedAt), leaseExpiresAt: 100 };
}
const names = (streams: readonly LiveStream[]): string => streams.map(({ session }) => session).join(' ');

describe('block-new with one slot a device', () => {
  test.each<[candidate: string, live: string, max: number, expected: string]>([
    ['n@tv:9', '', 1, 'allow 1/1'],
    ['n@tv:9', '', 0, 'concurrency-limit 0/0'],
    ['n@tv:9', 'a@tablet:1', 2, 'allow 2/2'],
    ['n@tv:9', 'a@tablet:1', 1, 'concurrency-limit 1/1 conflicts a'],
    ['n@tv:9', 'b@phone:2 a@tablet:1', 2, 'concurrency-limit 2/2 conflicts a b'],
    ['n@tv:9', 'a@tv:1', 1, 'allow 1/1 replaces a'],
    ['n@tv:9', 'a@tv:1 b@phone:2', 2, 'allow 2/2 replaces a'],
    ['n@tv:9', 'a@tv:1 b@phone:2', 1, 'concurrency-limit 2/1 conflicts b'],
    ['n@-:9', 'a@-:1', 1, 'concurrency-limit 1/1 conflicts a'],
    ['n@tv:9', 'a@tv:9', 1, 'allow 1/1 replaces a'],
    ['o@tv:1', 'a@tv:5', 3, 'replaced 1/3 conflicts a'],
    ['n@tv:9', 'n@tv:9 a@phone:2', 2, 'allow 2/2'],
    ['n@tv:9', 'a@1:1 b@2:2 c@3:3', 1, 'concurrency-limit 3/1 conflicts a b c'],
  ])('%s beside "%s" with %d allowed: %s', (candidate, live, max, expected) => {
    const streams = live === '' ? [] : live.split(' ').map(stream);
    const admission = decideAdmission(stream(candidate), streams, max);
    const { allowed, reason, current, replaced, conflicts } = admission;
    const text = [
      `${allowed ? 'allow' : reason} ${current}/${max}`,
      ...(replaced.length === 0 ? [] : [`replaces ${names(replaced)}`]),
      ...(conflicts.length === 0 ? [] : [`conflicts ${names(conflicts)}`]),
    ].join(' ');
    expect(text).toBe(expected);
  });
});

test('does not change the order of what it was given', () => {
  const live = Object.freeze([stream('b@phone:2'), stream('a@tablet:1')]);
  expect(names(decideAdmission(stream('n@tv:9'), live, 1).conflicts)).toBe('a b');
  expect(names(live)).toBe('b a');
});
