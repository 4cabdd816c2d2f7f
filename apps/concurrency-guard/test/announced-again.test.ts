import { describe, expect, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import type { PolicyRule } from '@playhead/event-schemas';
import { MAX_SESSIONS_PER_ACCOUNT } from '../src/guard-state.ts';
import type { GuardOutput } from './scenario.ts';
import { EPOCH_MS, reportOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

async function benchWith(...rules: readonly PolicyRule[]): Promise<TaskBench> {
  const bench = await TaskBench.open();
  if (rules.length > 0) {
    const document = JSON.stringify({ policy: 'p', rules });
    bench.policy(newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS }));
  }
  return bench;
}

function send(bench: TaskBench, steps: readonly string[]): readonly GuardOutput[] {
  for (const step of steps) bench.send(reportOf(step));
  return bench.takeOutputs();
}

/** What is announced of the steps after a crash that lost all that they had announced. */
async function announcedAgain(bench: TaskBench, steps: readonly string[]): Promise<readonly GuardOutput[]> {
  send(bench, steps);
  await bench.restart();
  return send(bench, steps);
}

const levelsOf = (bench: TaskBench): readonly string[] =>
  bench.takeLevels().map(({ type, session, level }) => `${type} ${session} ${level}`);

describe('a stop that a crash kept from Kafka was never announced again', () => {
  test('of two players on one session, and its termination', async () => {
    const bench = await benchWith();
    send(bench, [
      '0 start a tv',
      '10 beat a 0 at=0 made=10',
      '12 beat a 0 at=500 made=12',
      '20 beat a 1 at=10 made=20',
    ]);
    send(bench, ['22 beat a 1 at=510 made=22', '30 beat a 2 at=20 made=30', '32 beat a 2 at=520 made=32']);
    const lost = send(bench, ['40 beat a 3 at=30 made=40', '45 start b phone']);
    expect(lost).toContainEqual(expect.objectContaining({ verdict: 'STOP', reason: 'two-players' }));
    await bench.restart();
    expect(send(bench, ['40 beat a 3 at=30 made=40', '45 start b phone'])).toEqual(lost);
    expect(send(bench, ['50 beat a 3 at=540 made=50'])).toEqual([]);
  });

  test('of a session that may be one that was forgotten early', async () => {
    const bench = await benchWith();
    for (let n = 0; n <= MAX_SESSIONS_PER_ACCOUNT; n++) bench.send(reportOf(`0 terminate s-${n} ticket=3600`));
    bench.takeOutputs();
    const beat = ['1 beat back 0 ticket=3600'];
    const lost = send(bench, beat);
    expect(lost).toEqual([expect.objectContaining({ session: 'back', verdict: 'STOP', reason: 'forgotten' })]);
    await bench.restart();
    expect(send(bench, beat)).toEqual(lost);
  });

  test('of a stream that made room, when the session that it made room for was decided on once more before the crash', async () => {
    const bench = await benchWith(
      { rule: 'one', max: 1, strategy: 'end-oldest' },
      { rule: 'warm', max: 5, warmUp: { beats: 2 } },
    );
    send(bench, ['0 start a tv']);
    const again = await announcedAgain(bench, ['2 beat b 0', '3 beat b 1', '4 beat b 2']);
    expect(again).toContainEqual(expect.objectContaining({ verdict: 'STOP', session: 'a', reason: 'newer-stream' }));
    expect(bench.takeLevels()).toContainEqual(expect.objectContaining({ type: 'KILLED', session: 'a' }));
    expect(send(bench, ['5 beat b 0'])).toEqual([]);
  });
});

test('a stop of a session that played on after its own, and the level of that own stop, were lost in a crash', async () => {
  const bench = await benchWith();
  const steps = ['5 stop a', '30 beat a 1', '31 start b phone'];
  send(bench, ['0 start a tv', '1 beat a 0']);
  bench.takeLevels();
  const lost = send(bench, steps);
  const levels = levelsOf(bench);
  expect(lost).toContainEqual(expect.objectContaining({ verdict: 'STOP', reason: 'played-on-after-stop' }));
  expect(levels).toEqual(['STOPPED a 0', 'ADMITTED b 1']);
  await bench.restart();
  expect(send(bench, steps)).toEqual(lost);
  expect(levelsOf(bench).map((level) => level.slice(0, -2))).toEqual(['STOPPED a', 'ADMITTED b']);
  expect(send(bench, ['40 stop a', '41 beat a 1'])).toEqual([]);
  expect(levelsOf(bench)).toEqual([]);
});

describe('a warning that was taken back stayed for good after a crash', () => {
  const verdictsOn = (session: string, outputs: readonly GuardOutput[]): readonly string[] =>
    outputs.flatMap((output) => {
      if ('forgotten' in output) return output.forgotten === session ? ['forgotten'] : [];
      return 'verdict' in output && output.session === session ? [output.verdict] : [];
    });

  test.each<[string, readonly string[], readonly string[], string]>([
    ['whose grace ended well', [], ['1 start b phone', '5 stop a', '12 beat b 0'], 'CONTINUE'],
    [
      'whose grace ended well, when the warning had reached Kafka',
      ['1 start b phone'],
      ['5 stop a', '12 beat b 0'],
      'CONTINUE',
    ],
    [
      'whose grace had begun without a start and ended well',
      ['1 beat b 0 device=phone'],
      ['5 stop a', '12 beat b 1', '13 beat b 2'],
      'CONTINUE',
    ],
    ['that stopped', [], ['1 start b phone', '5 stop b'], 'forgotten'],
    ['that stopped, when the warning had reached Kafka', ['1 start b phone'], ['5 stop b'], 'forgotten'],
    ['that came to its end', ['1 start b phone'], ['5 beat b 0 state=ENDED'], 'forgotten'],
  ])('of a stream %s', async (_name, before, steps, last) => {
    const bench = await benchWith({ rule: 'one', max: 1, grace: { streams: 1, forMs: 10_000 } });
    send(bench, ['0 start a tv', ...before]);
    const undisturbed = send(bench, steps);
    expect(verdictsOn('b', undisturbed).at(-1)).toBe(last);
    await bench.restart();
    expect(verdictsOn('b', send(bench, steps)).at(-1)).toBe(last);
  });
});

describe('a level that a crash kept from Kafka was never told again', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['of a stop', ['0 start a tv'], ['5 stop a'], ['STOPPED a 0']],
    [
      'of a stop that waited on a disk',
      ['0 start a tv', '9 beat a 0'],
      ['20 beat a 1', '5 stop a late'],
      ['STOPPED a 0'],
    ],
    ['of an end by its player', ['0 start a tv'], ['5 beat a 0 state=ENDED'], ['STOPPED a 0']],
    ['of an end by a CMCD player', ['0 start a tv'], ['5 cmcd a ps 0 e'], ['STOPPED a 0']],
    [
      'of an end by its player that stopped then',
      ['0 start a tv'],
      ['5 beat a 0 state=ENDED', '6 stop a'],
      ['STOPPED a 0'],
    ],
    [
      'of a stop that came late, in the millisecond in which the lease had ended',
      ['0 start a tv', '30 start b phone'],
      ['25 stop a'],
      ['STOPPED a 1'],
    ],
    ['of a stop whose session was terminated then', ['0 start a tv'], ['5 stop a', '6 terminate a'], ['STOPPED a 0']],
    ['of a termination', ['0 start a tv'], ['5 terminate a'], ['KILLED a 0']],
    [
      'of two players',
      ['0 start a tv', '10 cmcd a t 0 p sid=one', '12 cmcd a t 0 p sid=two', '20 cmcd a t 1 p sid=one'],
      ['22 cmcd a t 1 p sid=two'],
      ['KILLED a 0'],
    ],
  ])('%s', async (_name, before, steps, levels) => {
    const bench = await benchWith();
    send(bench, before);
    bench.takeLevels();
    send(bench, steps);
    expect(levelsOf(bench)).toEqual(levels);
    await bench.restart();
    send(bench, steps);
    expect(levelsOf(bench)).toEqual(levels);
  });

  test('of a stop that an earlier release had stored', async () => {
    const bench = await benchWith();
    send(bench, ['0 start a tv', '5 stop a']);
    bench.forgetWhenStopped('a');
    bench.takeLevels();
    await bench.restart();
    send(bench, ['5 stop a']);
    expect(levelsOf(bench)).toEqual(['STOPPED a 0']);
  });

  test('and a start that was only history, which has none, got one', async () => {
    const bench = await benchWith();
    await announcedAgain(bench, ['0 start a tv late']);
    expect(levelsOf(bench)).toEqual([]);
  });
});

test('a judgement of a stream that was never warned said after a crash that the warning was over', async () => {
  const bench = await benchWith({ rule: 'warm', max: 1, warmUp: { beats: 2 } });
  send(bench, ['0 start a tv']);
  const again = await announcedAgain(bench, ['10 beat a 0', '20 beat a 1', '30 beat a 2']);
  expect(again).toEqual([expect.objectContaining({ type: 'CHECK', decision: 'ALLOW' })]);
});
