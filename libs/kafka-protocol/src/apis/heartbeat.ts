import { int16, int32, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Keeps a member alive; error 27 tells it to join again. */
export const heartbeatApi = defineApi({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: [
    string('groupId'),
    int32('generationId'),
    string('memberId'),
    nullableString('groupInstanceId', { from: 3, default: null }),
  ],
  response: [throttleTimeMs(1), int16('errorCode')],
});
