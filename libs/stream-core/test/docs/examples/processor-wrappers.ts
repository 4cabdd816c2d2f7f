import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ kind: string }>() };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .filter((play) => play.kind === 'LIVE', { name: 'only-live' })
  .groupByKey()
  .count({ name: 'count', storeName: 'live-plays' })
  .toStream({ name: 'changes' });

let depth = 0;
const topology = builder.build({
  processorWrapper: (node) => (record, process) => {
    console.log(`${'  '.repeat(depth++)}${node}`, record.timestamp, record.value);
    try {
      process();
    } finally {
      depth--;
    }
  },
});

const input = new TopologyTestDriver(topology).createInputTopic(plays);
input.pipeInput({ kind: 'LIVE' }, 'demo/ana', 1_000);
input.pipeInput({ kind: 'VOD' }, 'demo/ana', 2_000);
