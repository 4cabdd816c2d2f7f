import { ErrorCode } from '@playhead/kafka-protocol';
import type { Transaction } from './transaction.ts';

/** The last epoch that is handed out; the one above it is left for fencing its holder. */
const LAST_EPOCH = 0x7fff - 1;

/** What a transactional producer asks for. */
export interface InitRequest {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** What the producer believes to have, −1 and −1 for a new one (KIP-360). */
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * The transactional id with the epoch that its producer gets, or the error that it gets instead. `known` has no transaction under way; it is undefined for
 * a new id. Without an expected epoch every call raises the epoch and so fences the producer before; with one, only the present holder goes on,
 * and a call whose answer was lost is answered again. `newProducerId` is called where a fresh id is needed.
 */
export function initProducer(
  known: Transaction | undefined,
  request: InitRequest,
  nowMs: number,
  newProducerId: () => number,
): Transaction | number {
  const { transactionalId, timeoutMs } = request;
  const fresh = { transactionalId, timeoutMs, partitions: [], groups: [], startedAtMs: -1, changedAtMs: nowMs };
  const noPrevious = { previousProducerId: -1, previousEpoch: -1 };
  if (known === undefined)
    return { ...fresh, ...noPrevious, producerId: newProducerId(), producerEpoch: 0, state: 'Empty' };
  if (!isHolder(known, request)) return ErrorCode.PRODUCER_FENCED;
  const { producerId, producerEpoch, previousProducerId, previousEpoch } = known;
  const isExpected = request.producerEpoch >= 0;
  // Above the last epoch only a fence goes: whoever it took the last one from begins anew.
  const present = producerEpoch > LAST_EPOCH ? previousEpoch : producerEpoch;
  if (producerEpoch >= LAST_EPOCH && (!isExpected || request.producerEpoch === present)) {
    const previous = { previousProducerId: producerId, previousEpoch: request.producerEpoch };
    return { ...fresh, ...previous, producerId: newProducerId(), producerEpoch: 0, state: 'Empty' };
  }
  const same = { ...fresh, producerId, previousProducerId, state: 'Empty' } as const;
  if (!isExpected) return { ...same, producerEpoch: producerEpoch + 1, previousEpoch: -1 };
  if (request.producerEpoch === producerEpoch)
    return { ...same, producerEpoch: producerEpoch + 1, previousEpoch: producerEpoch };
  if (request.producerEpoch === previousEpoch) return { ...same, producerEpoch, previousEpoch };
  return ErrorCode.PRODUCER_FENCED;
}

/** Whether a request that says which producer id it has may have it: the present one, or the one whose epochs have run out. */
export function isHolder(known: Transaction, { producerId, producerEpoch }: InitRequest): boolean {
  if (producerId < 0 || producerId === known.producerId) return true;
  return producerId === known.previousProducerId && producerEpoch >= LAST_EPOCH;
}
