import { array, bool, int16, int32, int64, nullableArray, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** A group's committed offsets; offset -1 where none is committed. Topics null (from version 2) asks for all. Version 8 begins to ask for several groups and is not described. */
export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 7],
  flexibleFrom: 6,
  request: [
    string('groupId'),
    nullableArray('topics', [string('name'), array('partitionIndexes', 'int32')], { nullableFrom: 2 }),
    bool('requireStable', { from: 7, default: false }),
  ],
  response: [
    throttleTimeMs(3),
    array('topics', [
      string('name'),
      array('partitions', [
        int32('partitionIndex'),
        int64('committedOffset'),
        int32('committedLeaderEpoch', { from: 5, default: -1 }),
        nullableString('metadata', { default: null }),
        int16('errorCode'),
      ]),
    ]),
    int16('errorCode', { from: 2, default: 0 }),
  ],
});
