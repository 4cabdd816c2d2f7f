import { SerdeError, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { Serde } from '@playhead/stream-core';

/** Whole percents, one byte. */
const percent: Serde<number> = {
  open: () => ({
    serialize(value) {
      if (!Number.isInteger(value) || value < 0 || value > 100) throw new SerdeError(`${value} is no percentage`);
      return Uint8Array.of(value);
    },
    deserialize: (bytes) => bytes[0] ?? 0,
  }),
};

const completion = { name: 'completion', key: serdes.string, value: percent };
const finished = { ...completion, name: 'finished' };

const builder = new StreamsBuilder();
builder
  .stream(completion)
  .filter((value) => value >= 95)
  .to(finished);

const driver = new TopologyTestDriver(builder.build(), { deserializationHandler: () => 'continue' });
const input = driver.createInputTopic(completion);
input.pipeInput(97, 'demo/ana/the-bridge', 1_000);
input.pipeInput(40, 'demo/ben/the-bridge', 2_000);

for (const { key, value } of driver.produced) console.log(`${key}`, value);
try {
  input.pipeInput(140, 'demo/eve/the-bridge', 3_000);
} catch (error) {
  console.log(`${error}`);
}
