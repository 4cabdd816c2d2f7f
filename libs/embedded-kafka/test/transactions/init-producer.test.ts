import { expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { initProducer, isHolder } from '../../src/transactions/init-producer.ts';
import type { Transaction } from '../../src/transactions/transaction.ts';

const FRESH = 99;
const LAST = 0x7fff - 1;

const known = (id: number, epoch: number, previousId = -1, previousEpoch = -1): Transaction => ({
  transactionalId: 'a',
  producerId: id,
  producerEpoch: epoch,
  previousProducerId: previousId,
  previousEpoch,
  timeoutMs: 1000,
  state: 'CompleteCommit',
  partitions: [],
  groups: [],
  startedAtMs: -1,
  changedAtMs: 0,
});

// [what], what is known, what the producer believes to have: what it gets.
test.each<[string, Transaction | undefined, [number, number], [number, number] | number]>([
  ['a new id', undefined, [-1, -1], [FRESH, 0]],
  ['a new id, whatever it believes', undefined, [5, 3], [FRESH, 0]],
  ['another producer', known(7, 4), [-1, -1], [7, 5]],
  ['the holder', known(7, 4), [7, 4], [7, 5]],
  ['the holder, once more', known(7, 5, -1, 4), [7, 4], [7, 5]],
  ['a holder of before', known(7, 5, -1, 4), [7, 3], ErrorCode.PRODUCER_FENCED],
  ['a holder after another began anew', known(7, 5), [7, 4], ErrorCode.PRODUCER_FENCED],
  ['one with an epoch that nobody has yet', known(7, 5), [7, 6], ErrorCode.PRODUCER_FENCED],
  ['the holder of another producer id', known(7, 5), [8, 5], ErrorCode.PRODUCER_FENCED],
  ['the last epoch, which is handed out', known(7, LAST - 1), [7, LAST - 1], [7, LAST]],
  ['epochs that have run out', known(7, LAST), [-1, -1], [FRESH, 0]],
  ['epochs that have run out for the holder', known(7, LAST), [7, LAST], [FRESH, 0]],
  ['epochs that have run out, once more', known(FRESH, 0, 7, LAST), [7, LAST], [FRESH, 0]],
  ['a holder of before, when they have run out', known(7, LAST), [7, LAST - 1], ErrorCode.PRODUCER_FENCED],
  ['the last epoch after a fence', known(7, LAST + 1, -1, LAST), [7, LAST], [FRESH, 0]],
  ['the last epoch after a fence, for another producer', known(7, LAST + 1, -1, LAST), [-1, -1], [FRESH, 0]],
])('%s', (_, transaction, [producerId, producerEpoch], expected) => {
  const request = { transactionalId: 'a', timeoutMs: 500, producerId, producerEpoch };
  const result =
    transaction !== undefined && !isHolder(transaction, request)
      ? ErrorCode.PRODUCER_FENCED
      : initProducer(transaction, request, 1, () => FRESH);
  if (typeof expected === 'number') expect(result).toBe(expected);
  else {
    const [id, epoch] = expected;
    expect(result).toMatchObject({ producerId: id, producerEpoch: epoch, state: 'Empty', timeoutMs: 500 });
  }
});
