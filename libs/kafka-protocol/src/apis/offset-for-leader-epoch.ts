import { array, int16, int32, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Where a leader epoch ended, to find out whether a log was truncated under a reader. */
export const offsetForLeaderEpochApi = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexibleFrom: 4,
  request: [
    int32('replicaId', { from: 3, default: -2 }),
    array('topics', [
      string('topic'),
      array('partitions', [int32('partition'), int32('currentLeaderEpoch', { default: -1 }), int32('leaderEpoch')]),
    ]),
  ],
  response: [
    throttleTimeMs(2),
    array('topics', [
      string('topic'),
      array('partitions', [
        int16('errorCode'),
        int32('partition'),
        int32('leaderEpoch', { default: -1 }),
        int64('endOffset', { default: -1 }),
      ]),
    ]),
  ],
});
