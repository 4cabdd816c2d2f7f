import type { Header, Headers } from '../../processor/headers.ts';
import type { OutputOrigin, RecordCollector } from '../../processor/record-collector.ts';
import type { RecordQueue } from './record-queue.ts';
import type { SourceRecord } from './source-record.ts';

/** Where records of a topic go that could not be read or processed, or whose output could not be written. */
export const deadLetterTopicOf = (topic: string): string => `${topic}.dead-letter`;

/** What every letter was made from, for its producer: if it is refused too, there is nothing left to try. */
export const DEAD_LETTER: OutputOrigin = { sizeInBytes: 0 };

/** What a letter is made of. */
export type DeadLetterSource = Pick<
  SourceRecord,
  'topic' | 'partition' | 'offset' | 'timestamp' | 'rawKey' | 'rawValue' | 'headers'
>;

/** A record of `<topic>.dead-letter`: bytes and headers of the source record as received, and the reason in headers of the names that KIP-1034 gives them. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}

/** The letter for a source record. Throws `TopologyError` when its topic does not exist. */
export function deadLetterFor(
  { topic, partition, offset, timestamp, rawKey, rawValue, headers }: DeadLetterSource,
  error: unknown,
  partitionCount: (topic: string) => number,
): DeadLetter {
  const deadLetterTopic = deadLetterTopicOf(topic);
  const failure = error instanceof Error ? error : new Error(String(error));
  return {
    topic: deadLetterTopic,
    partition: partition % partitionCount(deadLetterTopic),
    timestamp: Math.max(0, timestamp),
    key: rawKey,
    value: rawValue,
    headers: [
      ...headers,
      header('exception', failure.name),
      header('stacktrace', failure.stack ?? ''),
      header('message', failure.message),
      header('topic', topic),
      header('partition', String(partition)),
      header('offset', String(offset)),
    ],
  };
}

/** Writes the letter for the head of a queue. */
export function sendDeadLetter(collector: RecordCollector, queue: RecordQueue, error: unknown): void {
  const { topic, partition, cursor, rawKey, rawValue, headers } = queue;
  const { offset, timestamp } = cursor;
  const source = { topic, partition, offset, timestamp, rawKey, rawValue, headers };
  const letter = deadLetterFor(source, error, (name) => collector.partitionCount(name));
  collector.send(
    letter.topic,
    letter.partition,
    letter.timestamp,
    letter.key,
    letter.value,
    letter.headers,
    DEAD_LETTER,
  );
}

const header = (name: string, value: string): Header => ({
  key: `__streams.errors.${name}`,
  value: Buffer.from(value, 'utf8'),
});
