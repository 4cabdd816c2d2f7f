import { array, int16, int32, int8, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** The broker that coordinates a group (key type 0) or a transactional id (1). From version 4 on for several keys at once. */
export const findCoordinatorApi = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 4],
  flexibleFrom: 3,
  request: [
    string('key', { to: 3, default: '' }),
    int8('keyType', { from: 1, default: 0 }),
    array('coordinatorKeys', 'string', { from: 4, default: [] }),
  ],
  response: [
    throttleTimeMs(1),
    int16('errorCode', { to: 3, default: 0 }),
    nullableString('errorMessage', { from: 1, to: 3, default: null }),
    int32('nodeId', { to: 3, default: -1 }),
    string('host', { to: 3, default: '' }),
    int32('port', { to: 3, default: -1 }),
    array(
      'coordinators',
      [
        string('key'),
        int32('nodeId'),
        string('host'),
        int32('port'),
        int16('errorCode'),
        nullableString('errorMessage', { default: null }),
      ],
      { from: 4, default: [] },
    ),
  ],
});
