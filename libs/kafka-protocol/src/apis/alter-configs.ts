import { array, bool, int16, int8, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Replaces all settings of a resource by the given ones. */
export const alterConfigsApi = defineApi({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: [
    array('resources', [
      int8('resourceType'),
      string('resourceName'),
      array('configs', [string('name'), nullableString('value')]),
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
