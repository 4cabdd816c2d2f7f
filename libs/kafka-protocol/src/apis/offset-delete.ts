import { array, int16, int32, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Forgets committed offsets of topics that the group does not read at present. */
export const offsetDeleteApi = defineApi({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  request: [string('groupId'), array('topics', [string('name'), array('partitions', [int32('partitionIndex')])])],
  response: [
    int16('errorCode'),
    throttleTimeMs(),
    array('topics', [string('name'), array('partitions', [int32('partitionIndex'), int16('errorCode')])], {
      default: [],
    }),
  ],
});
