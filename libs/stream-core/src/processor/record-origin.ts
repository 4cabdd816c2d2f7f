import type { Headers } from './headers.ts';
import { NO_HEADERS } from './headers.ts';
import type { RecordContext } from './record-context.ts';

/** Where a record that is kept for later came from. What it leads to later is told the same origin. */
export interface RecordOrigin {
  readonly timestamp: number;
  readonly offset: number;
  readonly topic: string;
  readonly partition: number;
  readonly headers: Headers;
}

/** The origin of the record in progress; `timestamp` is the one that operators gave it. */
export function originOf({ topic, partition, offset, headers }: RecordContext, timestamp: number): RecordOrigin {
  return { timestamp, offset, topic, partition, headers };
}

/** Runs `action` as if the record of that origin were in progress. */
export function withOrigin(record: RecordContext, origin: RecordOrigin, action: () => void): void {
  const { topic, partition, offset, timestamp, headers } = record;
  record.set(origin.topic, origin.partition, origin.offset, origin.timestamp, origin.headers);
  try {
    action();
  } finally {
    record.set(topic, partition, offset, timestamp, headers);
  }
}

/** Of what has not been written yet. */
export const NO_ORIGIN: RecordOrigin = { timestamp: -1, offset: -1, topic: '', partition: -1, headers: NO_HEADERS };
