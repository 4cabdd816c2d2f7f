import { array, int16, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** All groups of a broker; from version 4 on with their state, and only those in `statesFilter` unless it is empty. */
export const listGroupsApi = defineApi({
  key: 16,
  name: 'ListGroups',
  versions: [0, 4],
  flexibleFrom: 3,
  request: [array('statesFilter', 'string', { from: 4, default: [] })],
  response: [
    throttleTimeMs(1),
    int16('errorCode'),
    array('groups', [string('groupId'), string('protocolType'), string('groupState', { from: 4, default: '' })]),
  ],
});
