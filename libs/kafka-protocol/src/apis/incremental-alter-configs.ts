import { array, bool, int16, int8, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Changes single settings of a resource; operation 0 sets, 1 deletes, 2 appends to and 3 subtracts from a list. */
export const incrementalAlterConfigsApi = defineApi({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  request: [
    array('resources', [
      int8('resourceType'),
      string('resourceName'),
      array('configs', [string('name'), int8('configOperation'), nullableString('value')]),
    ]),
    bool('validateOnly', { default: false }),
  ],
  response: [
    throttleTimeMs(),
    array('responses', [
      int16('errorCode'),
      nullableString('errorMessage', { default: null }),
      int8('resourceType'),
      string('resourceName'),
    ]),
  ],
});
