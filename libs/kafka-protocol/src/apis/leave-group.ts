import { array, int16, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Takes members out of a group: one by id, from version 3 on several, by instance id too. */
export const leaveGroupApi = defineApi({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: [
    string('groupId'),
    string('memberId', { to: 2, default: '' }),
    array(
      'members',
      [
        string('memberId'),
        nullableString('groupInstanceId', { default: null }),
        nullableString('reason', { from: 5, default: null }),
      ],
      { from: 3, default: [] },
    ),
  ],
  response: [
    throttleTimeMs(1),
    int16('errorCode'),
    array('members', [string('memberId'), nullableString('groupInstanceId', { default: null }), int16('errorCode')], {
      from: 3,
      default: [],
    }),
  ],
});
