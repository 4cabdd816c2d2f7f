import type { Headers } from '../processor/headers.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import type { StreamRecord } from '../processor/stream-record.ts';

/** A record read from a topic of the driver. It can be piped as it is. */
export interface TestRecord<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly partition: number;
}

/** A record to pipe: what is not said is as in `pipeInput`. */
export type PipedRecord<K, V> = Partial<TestRecord<K, V>> & Pick<TestRecord<K, V>, 'value'>;

/** A record as a processor is given it, for unit tests. Without a timestamp its time is 0. */
export function testRecord<K, V>({
  key,
  value,
  timestamp = 0,
  headers = NO_HEADERS,
}: Pick<StreamRecord<K, V>, 'key' | 'value'> & Partial<StreamRecord<K, V>>): StreamRecord<K, V> {
  return { key, value, timestamp, headers };
}
