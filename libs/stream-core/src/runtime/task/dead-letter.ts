import type { Header } from '../../processor/headers.ts';
import type { RecordCollector } from '../../processor/record-collector.ts';
import type { RecordQueue } from './record-queue.ts';

/** Where records of a topic go that could not be read or processed. */
export const deadLetterTopicOf = (topic: string): string => `${topic}.dead-letter`;

/** Writes the head of a queue to `<topic>.dead-letter`: its bytes and headers as received, and the reason in headers of the names that KIP-1034 gives them. */
export function sendDeadLetter(collector: RecordCollector, queue: RecordQueue, error: unknown): void {
  const { topic, partition, cursor } = queue;
  const deadLetterTopic = deadLetterTopicOf(topic);
  const failure = error instanceof Error ? error : new Error(String(error));
  const headers: Header[] = [
    ...queue.headers,
    header('exception', failure.name),
    header('stacktrace', failure.stack ?? ''),
    header('message', failure.message),
    header('topic', topic),
    header('partition', String(partition)),
    header('offset', String(cursor.offset)),
  ];
  const target = partition % collector.partitionCount(deadLetterTopic);
  collector.send(deadLetterTopic, target, Math.max(0, cursor.timestamp), queue.rawKey, queue.rawValue, headers);
}

const header = (name: string, value: string): Header => ({
  key: `__streams.errors.${name}`,
  value: Buffer.from(value, 'utf8'),
});
