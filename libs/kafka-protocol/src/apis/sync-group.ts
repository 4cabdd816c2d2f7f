import { array, bytes, int16, int32, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** The leader hands in the assignments; every member is answered with its own. */
export const syncGroupApi = defineApi({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: [
    string('groupId'),
    int32('generationId'),
    string('memberId'),
    nullableString('groupInstanceId', { from: 3, default: null }),
    nullableString('protocolType', { from: 5, default: null }),
    nullableString('protocolName', { from: 5, default: null }),
    array('assignments', [string('memberId'), bytes('assignment')]),
  ],
  response: [
    throttleTimeMs(1),
    int16('errorCode'),
    nullableString('protocolType', { from: 5, default: null }),
    nullableString('protocolName', { from: 5, default: null }),
    bytes('assignment'),
  ],
});
