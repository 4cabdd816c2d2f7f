import { array, int16, int32, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Makes partitions part of a transaction before anything is produced to them. Version 4 begins the batched form that only brokers send. */
export const addPartitionsToTxnApi = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 3],
  flexibleFrom: 3,
  request: [
    string('transactionalId'),
    int64('producerId'),
    int16('producerEpoch'),
    array('topics', [string('name'), array('partitions', 'int32')]),
  ],
  response: [
    throttleTimeMs(),
    array('resultsByTopic', [
      string('name'),
      array('resultsByPartition', [int32('partitionIndex'), int16('partitionErrorCode')]),
    ]),
  ],
});
