import { bytes, int16, int64, nullableString } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';

/** One step of a SASL exchange. */
export const saslAuthenticateApi = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: [bytes('authBytes')],
  response: [
    int16('errorCode'),
    nullableString('errorMessage', { default: null }),
    bytes('authBytes'),
    int64('sessionLifetimeMs', { from: 1, default: 0 }),
  ],
});
