import { RecordBatchWriter, RecordCursor } from '@playhead/kafka-protocol';
import type { SealOptions } from '@playhead/kafka-protocol';
import type { FetchedRecords } from '../../../src/kafka/types.ts';

/** One batch with the given values from `baseOffset` on. */
export function batchOf(baseOffset: number, values: readonly string[], options: SealOptions = {}): Buffer {
  const writer = new RecordBatchWriter();
  for (const value of values) writer.append(1, Buffer.from(`key of ${value}`), Buffer.from(value));
  return writer.seal({ baseOffset, ...options });
}

/** The control batch that ends a transaction (KIP-98). */
export function markerOf(baseOffset: number, producerId: number, kind: 'abort' | 'commit'): Buffer {
  const writer = new RecordBatchWriter();
  writer.append(1, Buffer.from([0, 0, 0, kind === 'abort' ? 0 : 1]), Buffer.alloc(6));
  return writer.seal({ baseOffset, producerId, producerEpoch: 0, isTransactional: true, isControl: true });
}

/** The values of all records from the offset that was asked for on. */
export function valuesOf(fetched: FetchedRecords): string[] {
  const values: string[] = [];
  const cursor = new RecordCursor().reset(fetched.records);
  while (cursor.nextBatch()) {
    while (cursor.next()) {
      if (cursor.offset >= fetched.offset)
        values.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
    }
  }
  return values;
}
