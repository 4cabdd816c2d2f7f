import type { KafkaClient } from '@playhead/stream-core/client';
import { describeLoad } from '../environment.ts';
import { Instance } from './child.ts';

const PARTITIONS = 4;

/** Prints how long a second member takes from the call of `start` until it runs its half of the tasks. */
export async function measureJoins(
  client: KafkaClient,
  brokers: string,
  prefix: string,
  wrap: readonly string[],
  rounds: number,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const topic = `${prefix}-join-${round}`;
    await client.createTopics([{ topic, partitions: PARTITIONS }]);
    const settings = { brokers, applicationId: topic, topic, config: {} };
    const first = new Instance(settings, wrap);
    const second = await first.hears('ready').then(() => new Instance({ ...settings, tasks: PARTITIONS / 2 }, wrap));
    try {
      const { fromMs, atMs } = await second.hears('joined');
      console.log(
        `a second member, round ${round}: start → its tasks run ${(atMs - fromMs).toFixed(0)} ms (${describeLoad()}); goal: ≤ 1 s`,
      );
    } finally {
      await first.kill();
      await second.kill();
    }
  }
}
