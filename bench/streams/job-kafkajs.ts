import kafkajs, { type Message } from 'kafkajs';
import { beatType, type Beat, WINDOW_MS } from './workload.ts';
import { measure } from './result.ts';

/**
 * The peer: the same windowed count as someone writes it by hand on plain kafkajs. Decode, count in a map per window,
 * send each new count to the output and to a changelog, commit every 100 ms. Sends of 1,000 messages, where kafkajs is fastest.
 */
const SEND_SIZE = 1000;
const COMMIT_INTERVAL_MS = 100;

const [brokers, topic, countText] = process.argv.slice(2) as [string, string, string];
const expected = Number(countText);
const kafka = new kafkajs.Kafka({
  clientId: 'bench-kafkajs',
  brokers: brokers.split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const consumer = kafka.consumer({ groupId: `bench-kafkajs-${Date.now()}`, maxWaitTimeInMs: 100 });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });

const windows = new Map<number, Map<string, number>>();
let done = 0;
let outputs = 0;
let committedAt = performance.now();
const finish = measure('kafkajs');
const completed = new Promise<void>((resolve, reject) => {
  consumer
    .run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch }) => {
        let pending: Message[] = [];
        const send = async (): Promise<void> => {
          const messages = pending;
          pending = [];
          await producer.sendBatch({
            acks: -1,
            topicMessages: [
              { topic: `${topic}-out-kafkajs`, messages },
              { topic: `${topic}-changelog-kafkajs`, messages },
            ],
          });
          outputs += messages.length;
        };
        for (const message of batch.messages) {
          const beat = beatType.fromBuffer(message.value!.subarray(5)) as Beat;
          if (beat.positionMs < 0) continue;
          const key = message.key!.toString();
          const timestamp = Number(message.timestamp);
          const start = timestamp - (timestamp % WINDOW_MS);
          let counts = windows.get(start);
          if (counts === undefined) windows.set(start, (counts = new Map<string, number>()));
          const count = (counts.get(key) ?? 0) + 1;
          counts.set(key, count);
          const outKey = Buffer.alloc(message.key!.length + 8);
          message.key!.copy(outKey);
          outKey.writeBigInt64BE(BigInt(start), message.key!.length);
          const value = Buffer.alloc(8);
          value.writeBigInt64BE(BigInt(count));
          pending.push({ key: outKey, value, timestamp: message.timestamp });
          if (pending.length >= SEND_SIZE) await send();
        }
        if (pending.length > 0) await send();
        if (performance.now() - committedAt > COMMIT_INTERVAL_MS) {
          committedAt = performance.now();
          await consumer.commitOffsets([
            { topic, partition: batch.partition, offset: String(Number(batch.lastOffset()) + 1) },
          ]);
        }
        done += batch.messages.length;
        if (done >= expected) resolve();
      },
    })
    .catch(reject);
});
await completed;
finish(done, outputs);
await consumer.disconnect();
await producer.disconnect();
