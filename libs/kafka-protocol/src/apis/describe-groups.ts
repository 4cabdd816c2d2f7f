import { array, bool, bytes, int16, int32, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** State, protocol and members of groups. */
export const describeGroupsApi = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleFrom: 5,
  request: [array('groups', 'string'), bool('includeAuthorizedOperations', { from: 3, default: false })],
  response: [
    throttleTimeMs(1),
    array('groups', [
      int16('errorCode'),
      string('groupId'),
      string('groupState'),
      string('protocolType'),
      string('protocolData'),
      array('members', [
        string('memberId'),
        nullableString('groupInstanceId', { from: 4, default: null }),
        string('clientId'),
        string('clientHost'),
        bytes('memberMetadata'),
        bytes('memberAssignment'),
      ]),
      int32('authorizedOperations', { from: 3, default: -0x80000000 }),
    ]),
  ],
});
