import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { Scratch } from '../internal/scratch.ts';
import type { FetchedRecords } from '../kafka/types.ts';
import type { PagedRecord } from './paged-record.ts';

const EMPTY = Buffer.alloc(0);
const BATCH_BYTES = 256;

class Fetched implements FetchedRecords {
  topic = '';
  partition = -1;
  offset = -1;
  nextOffset = -1;
  records: Buffer = EMPTY;
  highWatermark = -1;
  lastStableOffset = -1;
  readonly logStartOffset = 0;
  readonly abortedTransactions: FetchedRecords['abortedTransactions'] = [];
}

/** Writes records as a fetch would bring them, so that the driver reads what the runtime reads: a batch of one each. */
export class FetchWriter {
  #writer = new RecordBatchWriter(BATCH_BYTES);
  #fetched = new Fetched();
  readonly #key = new Scratch();
  readonly #value = new Scratch();

  /** `isRead`: whoever was given the fetches before has read them, so that their memory is free. */
  fetch(record: PagedRecord, offset: number, isRead: boolean): FetchedRecords {
    if (isRead) this.#writer.reset();
    else {
      this.#writer = new RecordBatchWriter(BATCH_BYTES);
      this.#fetched = new Fetched();
    }
    const { headers } = record;
    this.#writer.append(
      record.timestamp,
      record.keyIn(this.#key),
      record.valueIn(this.#value),
      headers.length === 0 ? undefined : headers,
    );
    const fetched = this.#fetched;
    fetched.topic = record.topic;
    fetched.partition = record.partition;
    fetched.offset = offset;
    fetched.nextOffset = offset + 1;
    fetched.records = this.#writer.seal({ baseOffset: offset });
    fetched.highWatermark = offset + 1;
    fetched.lastStableOffset = offset + 1;
    return fetched;
  }
}
