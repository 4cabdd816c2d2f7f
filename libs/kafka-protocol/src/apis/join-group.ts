import { array, bool, bytes, int16, int32, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Joins a group or takes part in its next generation; answered when the rebalance has all members. From version 4 on a new member is first told its id (error 79). */
export const joinGroupApi = defineApi({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  request: [
    string('groupId'),
    int32('sessionTimeoutMs'),
    int32('rebalanceTimeoutMs', { from: 1, default: -1 }),
    string('memberId'),
    nullableString('groupInstanceId', { from: 5, default: null }),
    string('protocolType'),
    array('protocols', [string('name'), bytes('metadata')]),
    nullableString('reason', { from: 8, default: null }),
  ],
  response: [
    throttleTimeMs(2),
    int16('errorCode'),
    int32('generationId', { default: -1 }),
    nullableString('protocolType', { from: 7, default: null }),
    nullableString('protocolName', { nullableFrom: 7, default: '' }),
    string('leader', { default: '' }),
    bool('skipAssignment', { from: 9, default: false }),
    string('memberId', { default: '' }),
    array(
      'members',
      [string('memberId'), nullableString('groupInstanceId', { from: 5, default: null }), bytes('metadata')],
      { default: [] },
    ),
  ],
});
