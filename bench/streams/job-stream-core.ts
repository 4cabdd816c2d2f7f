import { avroSerde } from '@playhead/event-schemas';
import { KafkaStreams, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { measure } from './result.ts';
import { type Beat, BEAT_SCHEMA, SCHEMA_ID, WINDOW_MS } from './workload.ts';

/** The windowed count on stream-core: in-memory store with changelog, at least once, commits every 100 ms. */
const [brokers, topic, countText] = process.argv.slice(2) as [string, string, string];
const expected = Number(countText);
let done = 0;
let outputs = 0;
let finished: () => void = () => undefined;
const completed = new Promise<void>((resolve) => {
  finished = resolve;
});

const builder = new StreamsBuilder();
builder
  .stream(topic, { key: serdes.string, value: avroSerde<Beat>(JSON.stringify(BEAT_SCHEMA)) })
  .filter((beat) => {
    done += 1;
    if (done === expected) finished();
    return beat.positionMs >= 0;
  })
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: WINDOW_MS, graceMs: 0 }))
  .count({ storeName: 'counts' })
  .toStream()
  .peek(() => {
    outputs += 1;
  })
  .to(`${topic}-out-stream-core`);

const streams = new KafkaStreams(builder.build(), {
  applicationId: `bench-${topic}`,
  kafka: { brokers: brokers.split(','), clientId: 'bench-stream-core' },
  schemas: { idOf: () => Promise.resolve(SCHEMA_ID), schemaOf: () => Promise.resolve(JSON.stringify(BEAT_SCHEMA)) },
  producer: { lingerMs: 5, maxBatchBytes: 256 * 1024 },
});
const finish = measure('stream-core');
await streams.start();
await completed;
await streams.close();
finish(done, outputs);
process.exit(0);
