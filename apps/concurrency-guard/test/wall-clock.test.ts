import { describe, expect, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import type { GuardOutput } from './scenario.ts';
import { EPOCH_MS, play, reportOf, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const secondsIn = (bench: TaskBench, seconds: number): void => bench.advanceTo(EPOCH_MS + seconds * 1000);
const forgottenIn = (outputs: readonly GuardOutput[]): readonly string[] =>
  outputs.flatMap((output) => ('forgotten' in output ? [output.forgotten] : []));

describe('the end of a lease that a crash kept from Kafka', () => {
  test('was never told: it is told again, once the log was read', async () => {
    const bench = await TaskBench.open();
    bench.send(reportOf('0 start a tv'));
    bench.takeLevels();
    secondsIn(bench, 26);
    const [lost] = bench.takeLevels();
    expect(lost).toMatchObject({ type: 'LAPSED', session: 'a', level: 0 });
    await bench.restart();
    bench.caughtUp = false;
    secondsIn(bench, 27);
    expect(bench.takeLevels()).toEqual([]);
    bench.caughtUp = true;
    secondsIn(bench, 28);
    expect(bench.takeLevels()).toEqual([{ ...lost, decidedTime: EPOCH_MS + 28_000 }]);
    secondsIn(bench, 29);
    expect(bench.takeLevels()).toEqual([]);
  });

  test('is not told again long after, nor of a stream that goes on', async () => {
    const bench = await TaskBench.open();
    bench.entitle('acc-1', 5, EPOCH_MS);
    for (const session of ['old', 'goes-on', 'recent']) bench.send(reportOf(`0 start ${session} ${session}`));
    secondsIn(bench, 26);
    for (const session of ['goes-on', 'recent']) bench.send(reportOf(`30 beat ${session} 0`));
    secondsIn(bench, 56);
    bench.send(reportOf('86 start later laptop'));
    bench.takeLevels();
    await bench.restart();
    bench.send(reportOf('87 beat goes-on 1'));
    bench.takeLevels();
    secondsIn(bench, 88);
    expect(bench.takeLevels().map(({ session }) => session)).toEqual(['recent']);
  });

  test('left the warning on it for good', async () => {
    const bench = await TaskBench.open();
    const document = '{"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":60000}}]}';
    bench.policy(newTenantPolicy({ tenant: 'demo', policy: 'p', version: 1, document, updatedAt: EPOCH_MS }));
    for (const step of ['0 start a tv', '1 start b phone']) bench.send(reportOf(step));
    bench.takeOutputs();
    secondsIn(bench, 27);
    expect(forgottenIn(bench.takeOutputs())).toEqual(['b']);
    await bench.restart();
    secondsIn(bench, 28);
    expect(forgottenIn(bench.takeOutputs())).toEqual(['b']);
  });
});

test('the verdict continue at the end of a grace stayed in the topic when its session was forgotten', async () => {
  const lines = `
    0   policy {"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":10000}}]} ->
    0   start a tv ticket=100          -> allow a 1/1
    1   start b phone ticket=100       -> allow b grace 2/1 until 11; warn b grace
    5   stop a                         ->
    12  beat b 0                       -> continue b; check allow b 1/1
    40  wait                           ->
    101 wait                           -> forget b
    102 look b                         -> unknown
  `;
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});
