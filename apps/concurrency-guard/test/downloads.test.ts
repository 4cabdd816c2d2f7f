import { expect, test } from '@jest/globals';
import { sessionView } from '../src/session-view.ts';
import { EPOCH_MS, play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a download took a slot once it beat',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1}]} ->
      0 start a tv downloaded -> allow a 0/2 unchecked
      1 beat a 0 ->
      2 start b phone -> allow b 1/1
      3 event a 0 ->
      4 look a -> ended no-lease beats=1 events=1 last=0
    `,
  ],
  [
    'a download was refused, and told to stop, by its first beat when all slots were taken',
    `
      0 limit 1 ->
      0 start a tv -> allow a 1/1
      1 start b phone downloaded late -> allow b 0/1 unchecked
      2 beat b 0 ->
      3 beat b 1 state=ENDED ->
      4 look b -> ended ended beats=2 events=0 last=1
      5 beat b 2 ->
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

test('a download that plays was shown as a stream whose lease had expired', async () => {
  const bench = await TaskBench.open();
  await play('0 start a tv downloaded\n1 beat a 0\n1 start b phone late', async () =>
    Object.assign(bench, { close: () => {} }),
  );
  const shown = (session: string): object => sessionView(bench.session(session)!, EPOCH_MS + 2000);
  const never = { state: 'ended', endReason: 'no-lease', verdict: 'continue', expiresAt: 0 };
  expect(shown('a')).toMatchObject({ ...never, downloaded: true, beats: 1, lastSeenAt: EPOCH_MS + 1000 });
  expect(shown('b')).toMatchObject(never);
  expect(shown('b')).not.toHaveProperty('downloaded');
  await play('3 stop a', async () => Object.assign(bench, { close: () => {} }));
  expect(shown('a')).toMatchObject({ endReason: 'stopped', downloaded: true });
});
