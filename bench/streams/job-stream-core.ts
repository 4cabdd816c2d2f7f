import { avroSerde } from '@playhead/event-schemas';
import { KafkaStreams, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { jobArguments } from './job-arguments.ts';
import { JobMeter } from './result.ts';
import { type Beat, BEAT_SCHEMA, SCHEMA_ID, WINDOW_MS } from './workload.ts';

/** The windowed count on stream-core, with its default settings but for the size of batches: a commit every 100 ms. */
const job = jobArguments();
const meter = new JobMeter(job);
const schema = JSON.stringify(BEAT_SCHEMA);

const builder = new StreamsBuilder();
builder
  .stream(job.topic, { key: serdes.string, value: avroSerde<Beat>(schema) })
  .peek(() => meter.tick())
  .groupByKey()
  .windowedBy(TimeWindows.of({ sizeMs: WINDOW_MS, graceMs: WINDOW_MS }))
  .count({ storeName: 'counts', retentionMs: 2 * WINDOW_MS })
  .toStream()
  .to(`${job.application}-out`);

const streams = new KafkaStreams(builder.build(), {
  applicationId: job.application,
  kafka: { brokers: job.brokers.split(','), clientId: job.application },
  schemas: { idOf: () => Promise.resolve(SCHEMA_ID), schemaOf: () => Promise.resolve(schema) },
  processingGuarantee: job.guarantee,
  state: job.store === 'disk' ? { lmdb: { stateDir: job.stateDir } } : 'memory',
  ...(job.aim === 'throughput' ? { producer: { lingerMs: 5, maxBatchBytes: 256 * 1024 } } : {}),
});
await streams.start();
await meter.done;
await streams.close();
meter.finish();
