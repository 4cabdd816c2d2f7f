import { array, int16, int32, int64, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Commits a group's offsets inside a transaction; from version 3 on fenced by the group's generation (KIP-447). */
export const txnOffsetCommitApi = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexibleFrom: 3,
  request: [
    string('transactionalId'),
    string('groupId'),
    int64('producerId'),
    int16('producerEpoch'),
    int32('generationId', { from: 3, default: -1 }),
    string('memberId', { from: 3, default: '' }),
    nullableString('groupInstanceId', { from: 3, default: null }),
    array('topics', [
      string('name'),
      array('partitions', [
        int32('partitionIndex'),
        int64('committedOffset'),
        int32('committedLeaderEpoch', { from: 2, default: -1 }),
        nullableString('committedMetadata', { default: null }),
      ]),
    ]),
  ],
  response: [
    throttleTimeMs(),
    array('topics', [string('name'), array('partitions', [int32('partitionIndex'), int16('errorCode')])]),
  ],
});
