import { array, bool, int16, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Which APIs a broker speaks. Its response header is v0 always, and a version the broker does not know is answered with a v0 body and error 35. */
export const apiVersionsApi = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  request: [
    string('clientSoftwareName', { from: 3, default: '' }),
    string('clientSoftwareVersion', { from: 3, default: '' }),
  ],
  response: [
    int16('errorCode'),
    array('apiKeys', [int16('apiKey'), int16('minVersion'), int16('maxVersion')]),
    throttleTimeMs(1),
    array('supportedFeatures', [string('name'), int16('minVersion'), int16('maxVersion')], {
      from: 3,
      default: [],
      tag: 0,
    }),
    int64('finalizedFeaturesEpoch', { from: 3, default: -1, tag: 1 }),
    array('finalizedFeatures', [string('name'), int16('maxVersionLevel'), int16('minVersionLevel')], {
      from: 3,
      default: [],
      tag: 2,
    }),
    bool('zkMigrationReady', { from: 3, default: false, tag: 3 }),
  ],
});
