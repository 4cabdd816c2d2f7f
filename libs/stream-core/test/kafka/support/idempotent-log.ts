import { RecordCursor } from '@playhead/kafka-protocol';

const CACHED_BATCHES = 5;
const SEQUENCES = 2 ** 31;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;

interface Appended {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

/** One partition with the broker's rules for idempotent producers (KIP-98): five batches remembered per producer, no gaps, any sequence from a producer it does not know. */
export class IdempotentLog {
  /** Every record's value as text, in offset order. */
  readonly values: string[] = [];
  readonly #producers = new Map<number, Appended[]>();
  readonly #cursor = new RecordCursor();

  append(records: Buffer): { errorCode: number; baseOffset: number } {
    const cursor = this.#cursor.reset(records);
    if (!cursor.nextBatch() || !cursor.crcValid()) return { errorCode: 2, baseOffset: -1 };
    const { producerId, baseSequence: first, recordCount } = cursor;
    const last = (first + recordCount - 1) % SEQUENCES;
    const appended = this.#producers.get(producerId) ?? [];
    const duplicate = appended.find((batch) => batch.first === first && batch.last === last);
    if (duplicate !== undefined) return { errorCode: 0, baseOffset: duplicate.offset };
    const newest = appended.at(-1);
    if (newest !== undefined && first !== (newest.last + 1) % SEQUENCES)
      return { errorCode: OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 };
    const offset = this.values.length;
    while (cursor.next()) this.values.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
    this.#producers.set(producerId, [...appended, { first, last, offset }].slice(-CACHED_BATCHES));
    return { errorCode: 0, baseOffset: offset };
  }
}
