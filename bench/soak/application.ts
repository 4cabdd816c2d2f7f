import { avroSerde } from '@playhead/event-schemas';
import { KafkaStreams, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { KEPT_BYTES, REPORT_MS, type SoakReport } from './messages.ts';
import { BEAT_SCHEMA, SCHEMA_ID, WINDOW_MS, type Beat } from '../streams/workload.ts';

/** The application of the soak, in a process of its own: the windowed count of bench:streams with its defaults, until the parent is gone. */
const [brokers, application, input, output] = process.argv.slice(2) as [string, string, string, string];
const schema = JSON.stringify(BEAT_SCHEMA);
let records = 0;
const builder = new StreamsBuilder();
builder
  .stream(input, { key: serdes.string, value: avroSerde<Beat>(schema) })
  .peek(() => {
    records++;
  })
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: WINDOW_MS, graceMs: WINDOW_MS }))
  .count({ storeName: 'counts', retentionMs: 2 * WINDOW_MS })
  .toStream()
  .to(output);
const streams = new KafkaStreams(builder.build(), {
  applicationId: application,
  kafka: { brokers: brokers.split(','), clientId: application },
  schemas: { idOf: () => Promise.resolve(SCHEMA_ID), schemaOf: () => Promise.resolve(schema) },
  internalTopicConfigs: KEPT_BYTES,
});
process.once('disconnect', () => process.exit(0));
await streams.start();
const timer = setInterval(() => {
  const { user, system } = process.cpuUsage();
  process.send!({ records, memory: process.memoryUsage(), cpuSeconds: (user + system) / 1e6 } satisfies SoakReport);
}, REPORT_MS);
process.once('message', () => {
  clearInterval(timer);
  void streams.close().then(() => process.exit(0));
});
