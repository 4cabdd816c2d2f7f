import { array, int16, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Deletes empty groups with their offsets. */
export const deleteGroupsApi = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: [array('groupsNames', 'string')],
  response: [throttleTimeMs(), array('results', [string('groupId'), int16('errorCode')])],
});
