import { FilePool } from '../../src/storage/file-pool.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { toLogConfig, type TopicConfig } from '../../src/storage/topic-config.ts';
import { readValues } from './batches.ts';

/** Shared, so that logs which a test lets die do not keep their files open. */
const files = new FilePool(16);

/** Opens a partition's log as the broker does. */
export function openLog(directory: string, config: TopicConfig = {}): PartitionLog {
  return new PartitionLog({
    directory,
    files,
    config: toLogConfig({ 'message.timestamp.after.max.ms': '9223372036854775807', ...config }),
    maxProducers: 100,
    durable: false,
  });
}

/** Everything in a log from an offset on, read as a consumer would. */
export function readAll(log: PartitionLog, from: number = log.logStartOffset, maxBytes = 1_000_000): string[] {
  const found: string[] = [];
  for (let offset = from; offset < log.nextOffset;) {
    const { records } = log.read(offset, maxBytes, true);
    const values = readValues(records).filter((value) => Number(value.split(':')[0]) >= offset);
    if (values.length === 0) throw new Error(`nothing at offset ${offset} of ${log.nextOffset}`);
    found.push(...values);
    offset = Number(values.at(-1)?.split(':')[0]) + 1;
  }
  return found;
}
