import { array, int16, int32, int64, int8, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** The first offset at or after a timestamp; timestamp -1 asks for the end (of committed data with `isolationLevel` 1), -2 for the beginning. */
export const listOffsetsApi = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 9],
  flexibleFrom: 6,
  request: [
    int32('replicaId', { default: -1 }),
    int8('isolationLevel', { from: 2, default: 0 }),
    array('topics', [
      string('name'),
      array('partitions', [
        int32('partitionIndex'),
        int32('currentLeaderEpoch', { from: 4, default: -1 }),
        int64('timestamp'),
      ]),
    ]),
  ],
  response: [
    throttleTimeMs(2),
    array('topics', [
      string('name'),
      array('partitions', [
        int32('partitionIndex'),
        int16('errorCode'),
        int64('timestamp', { default: -1 }),
        int64('offset', { default: -1 }),
        int32('leaderEpoch', { from: 4, default: -1 }),
      ]),
    ]),
  ],
});
