import { array, int16, int32, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Deletes topics by name. Version 6 begins to name them by id and is not described. */
export const deleteTopicsApi = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 5],
  flexibleFrom: 4,
  request: [array('topicNames', 'string'), int32('timeoutMs')],
  response: [
    throttleTimeMs(1),
    array('responses', [
      string('name'),
      int16('errorCode'),
      nullableString('errorMessage', { from: 5, default: null }),
    ]),
  ],
});
