import { ControlType, RecordBatchWriter } from '@playhead/kafka-protocol';

const VERSION = 0;
/** There is one coordinator, whose term never ends. */
const COORDINATOR_EPOCH = 0;
const BATCH_BYTES = 128;

/** What ends a transaction in a partition's log. */
export interface TransactionMarker {
  readonly producerId: number;
  /** At least the epoch of the transaction; a greater one fences its producer. */
  readonly producerEpoch: number;
  readonly committed: boolean;
}

/** The control batch of a marker: key `version int16 · type int16`, value `version int16 · coordinator epoch int32` (KIP-98). */
export function markerBatch({ producerId, producerEpoch, committed }: TransactionMarker, nowMs: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(VERSION, 0);
  key.writeInt16BE(committed ? ControlType.COMMIT : ControlType.ABORT, 2);
  const value = Buffer.alloc(6);
  value.writeInt16BE(VERSION, 0);
  value.writeInt32BE(COORDINATOR_EPOCH, 2);
  const writer = new RecordBatchWriter(BATCH_BYTES);
  writer.append(nowMs, key, value);
  return writer.seal({ producerId, producerEpoch, isTransactional: true, isControl: true });
}
