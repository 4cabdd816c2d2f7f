import kafkajs, { type Message } from 'kafkajs';
import { jobArguments } from './job-arguments.ts';
import { JobMeter } from './result.ts';
import { beatType, WINDOW_MS } from './workload.ts';

/**
 * The same windowed count as someone writes it by hand on plain kafkajs. Decode, count in a map per window,
 * send each new count to the output and to a changelog, commit every 100 ms. Sends of 1,000 messages, where kafkajs is fastest.
 */
const SEND_SIZE = 1000;
const COMMIT_INTERVAL_MS = 100;
/** As the others keep: two minutes behind the newest. */
const MAX_WINDOWS = 3;

const job = jobArguments();
const meter = new JobMeter(job);
const kafka = new kafkajs.Kafka({
  clientId: job.application,
  brokers: job.brokers.split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const consumer = kafka.consumer({ groupId: job.application, maxWaitTimeInMs: 100 });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [job.topic], fromBeginning: true });

/** By partition, then by window: what one partition has forgotten another may still need. */
const windowsOf = new Map<number, Map<number, Map<string, number>>>();
let committedAt = performance.now();

function countsOf(partition: number, start: number): Map<string, number> {
  let windows = windowsOf.get(partition);
  if (windows === undefined) windowsOf.set(partition, (windows = new Map<number, Map<string, number>>()));
  let counts = windows.get(start);
  if (counts !== undefined) return counts;
  windows.set(start, (counts = new Map<string, number>()));
  if (windows.size > MAX_WINDOWS) windows.delete(Math.min(...windows.keys()));
  return counts;
}

async function send(messages: Message[]): Promise<void> {
  const { application } = job;
  await producer.sendBatch({
    acks: -1,
    topicMessages: [
      { topic: `${application}-out`, messages },
      { topic: `${application}-counts-changelog`, messages },
    ],
  });
}

await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch }) => {
    let pending: Message[] = [];
    for (const message of batch.messages) {
      meter.tick();
      beatType.fromBuffer(message.value!.subarray(5));
      const key = message.key!.toString();
      const timestamp = Number(message.timestamp);
      const start = timestamp - (timestamp % WINDOW_MS);
      const counts = countsOf(batch.partition, start);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      const outKey = Buffer.alloc(message.key!.length + 8);
      message.key!.copy(outKey);
      outKey.writeBigInt64BE(BigInt(start), message.key!.length);
      const value = Buffer.alloc(8);
      value.writeBigInt64BE(BigInt(count));
      pending.push({ key: outKey, value, timestamp: message.timestamp });
      if (pending.length < SEND_SIZE) continue;
      await send(pending);
      pending = [];
    }
    if (pending.length > 0) await send(pending);
    if (performance.now() - committedAt > COMMIT_INTERVAL_MS) {
      committedAt = performance.now();
      const offset = String(Number(batch.lastOffset()) + 1);
      await consumer.commitOffsets([{ topic: job.topic, partition: batch.partition, offset }]);
    }
  },
});
await meter.done;
// Waits for the batch in progress.
await consumer.disconnect();
await producer.disconnect();
meter.finish();
