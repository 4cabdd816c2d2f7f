import { ErrorCode, type RecordBatchHeader } from '@playhead/kafka-protocol';
import { appended, refused, type AppendResult } from './append-result.ts';
import { advanceSequence, type ProducerState } from './producer-state.ts';

/** Null: the batch may be appended. Otherwise the answer to a retry, or to a producer that is out of step. A batch without a producer id may always. */
export function answerWithoutAppending(
  producers: ProducerState,
  header: RecordBatchHeader,
  logAppendTime: boolean,
): AppendResult | null {
  const { producerId, producerEpoch, baseSequence, lastOffsetDelta } = header;
  if (producerId < 0) return null;
  const check = producers.check(
    producerId,
    producerEpoch,
    baseSequence,
    advanceSequence(baseSequence, lastOffsetDelta),
  );
  switch (check.kind) {
    case 'append':
      return null;
    case 'duplicate':
      return appended(check.batch.baseOffset, logAppendTime ? check.batch.timestampMs : -1);
    case 'stale-epoch':
      return refused(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${producerId} has epoch ${check.currentEpoch}, the batch has ${producerEpoch}`,
      );
    case 'out-of-order':
      return refused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `producer ${producerId} sent sequence ${baseSequence}, expected ${check.expectedSequence}`,
      );
  }
}

/** Remembers a batch that is in the log at `baseOffset`, so that a retry of it is recognised. A control batch and one without a producer id have no sequence. */
export function rememberBatch(
  producers: ProducerState,
  header: RecordBatchHeader,
  baseOffset: number,
  timestampMs: number,
  nowMs: number,
): void {
  const { producerId, producerEpoch, baseSequence, lastOffsetDelta } = header;
  if (producerId < 0 || header.isControl) return;
  const lastSequence = advanceSequence(baseSequence, lastOffsetDelta);
  producers.record(producerId, producerEpoch, { baseSequence, lastSequence, baseOffset, timestampMs }, nowMs);
}
