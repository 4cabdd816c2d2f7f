import { array, int16, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';

/** Chooses the SASL mechanism. Never flexible. */
export const saslHandshakeApi = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  request: [string('mechanism')],
  response: [int16('errorCode'), array('mechanisms', 'string')],
});
