import { array, int16, int32, int64, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Stores a group's offsets. Generation -1 with an empty member id is a commit from outside the group. */
export const offsetCommitApi = defineApi({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 9],
  flexibleFrom: 8,
  request: [
    string('groupId'),
    int32('generationId', { default: -1 }),
    string('memberId', { default: '' }),
    nullableString('groupInstanceId', { from: 7, default: null }),
    int64('retentionTimeMs', { to: 4, default: -1 }),
    array('topics', [
      string('name'),
      array('partitions', [
        int32('partitionIndex'),
        int64('committedOffset'),
        int32('committedLeaderEpoch', { from: 6, default: -1 }),
        nullableString('committedMetadata', { default: null }),
      ]),
    ]),
  ],
  response: [
    throttleTimeMs(3),
    array('topics', [string('name'), array('partitions', [int32('partitionIndex'), int16('errorCode')])]),
  ],
});
