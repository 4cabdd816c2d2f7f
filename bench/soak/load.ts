import { setImmediate } from 'node:timers/promises';
import { KafkaClient, partitionOfKey } from '@playhead/stream-core/client';
import { BatchProducer } from '../../libs/stream-core/src/kafka/batch-producer.ts';
import { ACCOUNTS, accountKey, beatEncoder, PARTITIONS } from '../streams/workload.ts';
import { MAX_AHEAD } from './messages.ts';

/** The load of the soak, in a process of its own: heartbeats as fast as they are taken, until the parent is gone. The parent says how many have been. */
const BATCH = 2_000;
/** Different values; the load must cost less than what it loads. */
const VALUES = 4_096;
/** Records' times begin so long ago and come near the present at the end: brokers refuse what lies in the future. */
const SPAN_MS = 22 * 3_600_000;
const MARGIN_MS = 3_600_000;

const [brokers, topic, totalMs] = process.argv.slice(2) as [string, string, string];
const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'soak-load' });
const producer = new BatchProducer(client, { lingerMs: 5 });
const encode = beatEncoder();
const keys = Array.from({ length: ACCOUNTS }, (_, account) => accountKey(account));
const contents = Array.from({ length: VALUES }, (_, i) => Buffer.from(encode(i, i, 0)));
const partitions = keys.map((key) => partitionOfKey(key, PARTITIONS));
const startedMs = Date.now();
const speed = SPAN_MS / Number(totalMs);
let sent = 0;
let taken = 0;
let wake: () => void = () => undefined;
process.on('message', (count: number) => {
  taken = count;
  wake();
});
process.once('disconnect', () => process.exit(0));

for (;;) {
  if (sent - taken > MAX_AHEAD) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    continue;
  }
  const now = Date.now();
  const timestamp = Math.floor(Math.min(now, now - SPAN_MS - MARGIN_MS + (now - startedMs) * (speed - 1)));
  for (let i = 0; i < BATCH; i++) {
    // A walk through all accounts in steps that share no factor with their number.
    const account = (sent++ * 7_919) % ACCOUNTS;
    producer.append(topic, partitions[account]!, timestamp, keys[account]!, contents[sent % VALUES]!);
  }
  await setImmediate();
  await producer.drained();
  if (producer.error !== undefined) throw producer.error;
}
