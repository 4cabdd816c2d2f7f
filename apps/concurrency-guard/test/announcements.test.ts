import { expect, test } from '@jest/globals';
import type { GuardOutput } from './scenario.ts';
import { play } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

/** What the guard wrote in a scenario. */
async function outputsOf(lines: string): Promise<GuardOutput[]> {
  const bench = await TaskBench.open();
  const told: GuardOutput[] = [];
  const take = bench.takeOutputs.bind(bench);
  bench.takeOutputs = () => {
    const outputs = take();
    told.push(...outputs);
    return outputs;
  };
  await play(lines, async () => bench);
  return told;
}

test('a verdict named the version of another policy that has a rule of the same name', async () => {
  const outputs = await outputsOf(`
    0 policy {"policy":"a","rules":[{"rule":"streams","max":9}]}
    0 policy {"policy":"b","rules":[{"rule":"streams","max":0}]}
    1 start s tv
  `);
  expect(outputs.find((output) => 'verdict' in output)).toMatchObject({ policy: 'b', policyVersion: 2 });
});

test('a policy of a tenant that is called as the limit of the plan was told as that one', async () => {
  const outputs = await outputsOf(`
    0 policy {"policy":"plan-limit","rules":[{"rule":"streams","max":1}]}
    1 policy {"policy":"plan-limit","rules":[{"rule":"streams","max":1,"strategy":"end-oldest"}]}
    2 start s tv
  `);
  expect(outputs.find((output) => 'policies' in output)).toMatchObject({
    policies: [{ policy: 'plan-limit', version: 2, strategy: 'end-oldest' }],
  });
});
