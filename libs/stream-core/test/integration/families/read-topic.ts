import { RecordCursor } from '@playhead/kafka-protocol';
import type { Header } from '@playhead/stream-core';
import { Fetcher } from '../../../src/kafka/fetcher.ts';
import type { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { WrittenRecord } from './result-text.ts';

const DEADLINE_MS = 40_000;

/** Everything that stands in some topics at the call, per partition in offset order, by topic. */
export async function readTopics(
  client: KafkaClient,
  topics: readonly string[],
): Promise<Map<string, WrittenRecord[]>> {
  const counts = await client.partitionsOf(topics);
  const all = [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const records = new Map<string, WrittenRecord[]>(topics.map((topic) => [topic, []]));
  if (all.length === 0) return records;
  const [starts, ends] = await Promise.all([client.listOffsets(all, 'earliest'), client.listOffsets(all, 'latest')]);
  const open = new Map(
    ends
      .filter(({ offset }, at) => offset > (starts[at]?.offset ?? 0))
      .map((end) => [`${end.topic}/${end.partition}`, end.offset]),
  );
  const fetcher = new Fetcher(client, { maxWaitMs: 100 });
  const deadline = performance.now() + DEADLINE_MS;
  try {
    fetcher.add(starts);
    while (open.size > 0) {
      if (performance.now() > deadline)
        throw new Error(`not read within ${DEADLINE_MS} ms: ${[...open.keys()].join(', ')}`);
      await fetcher.waitForData(100);
      for (const fetched of fetcher.poll()) {
        const { topic, partition, nextOffset, offset } = fetched;
        records.get(topic)?.push(...recordsOf(fetched.records, partition, offset));
        if (nextOffset >= (open.get(`${topic}/${partition}`) ?? Infinity)) open.delete(`${topic}/${partition}`);
      }
    }
  } finally {
    await fetcher.close();
  }
  return records;
}

function* recordsOf(bytes: Buffer, partition: number, from: number): Generator<WrittenRecord> {
  const cursor = new RecordCursor().reset(bytes);
  while (cursor.nextBatch()) {
    while (!cursor.isControl && cursor.next()) {
      if (cursor.offset < from) continue;
      yield {
        partition,
        key: copy(cursor, cursor.keyStart, cursor.keyEnd),
        value: copy(cursor, cursor.valueStart, cursor.valueEnd),
        timestamp: cursor.timestamp,
        headers: headersOf(cursor),
      };
    }
  }
}

function headersOf(cursor: RecordCursor): Header[] {
  const headers: Header[] = [];
  while (cursor.nextHeader()) {
    const key = cursor.bytes.toString('utf8', cursor.headerKeyStart, cursor.headerKeyEnd);
    headers.push({ key, value: copy(cursor, cursor.headerValueStart, cursor.headerValueEnd) });
  }
  return headers;
}

const copy = ({ bytes }: RecordCursor, start: number, end: number): Buffer | null =>
  start < 0 ? null : Buffer.from(bytes.subarray(start, end));
