import { describe, expect, it } from '@jest/globals';
import { serdes, StreamsBuilder } from '@playhead/stream-core';
import type { Serde, Topic } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const words: Topic<string, string> = { name: 'words', key: serdes.string, value: serdes.string };
/** As where the registry does not have the schema. */
const unwritable: Serde<number> = {
  open: (context) => ({
    ...serdes.long.open(context),
    serialize: () => {
      throw new Error('no schema');
    },
    writeError: new Error(`no schema of ${context.topic}`),
  }),
};

function counting({ logging }: { readonly logging: boolean }) {
  const builder = new StreamsBuilder();
  const grouped = builder.stream(words).groupByKey();
  grouped.aggregate(
    () => 0,
    (sum: number) => sum + 1,
    { storeName: 'sums', value: unwritable, logging },
  );
  return TopologyTestDriver.create(builder.build());
}

describe('a store whose values cannot be written', () => {
  it('ends the start where it has a changelog', async () => {
    await expect(counting({ logging: true })).rejects.toThrow(/^no schema of .*sums-changelog$/);
  });

  it('ended the start where it has none, though nothing of it is ever written', async () => {
    const driver = await counting({ logging: false });
    driver.createInputTopic(words).pipeInput('a', 'k');
    expect(driver.keyValueStore<string, number>('sums').get('k')).toBe(1);
    driver.close();
  });
});
