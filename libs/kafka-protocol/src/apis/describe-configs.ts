import { array, bool, int16, int8, nullableArray, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Settings of topics (resource type 2) and brokers (4). Keys null asks for all. */
export const describeConfigsApi = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleFrom: 4,
  request: [
    array('resources', [
      int8('resourceType'),
      string('resourceName'),
      nullableArray('configurationKeys', 'string', { default: null }),
    ]),
    bool('includeSynonyms', { default: false }),
    bool('includeDocumentation', { from: 3, default: false }),
  ],
  response: [
    throttleTimeMs(),
    array('results', [
      int16('errorCode'),
      nullableString('errorMessage', { default: null }),
      int8('resourceType'),
      string('resourceName'),
      array('configs', [
        string('name'),
        nullableString('value'),
        bool('readOnly'),
        int8('configSource', { default: -1 }),
        bool('isSensitive'),
        array('synonyms', [string('name'), nullableString('value'), int8('source')], { default: [] }),
        int8('configType', { from: 3, default: 0 }),
        nullableString('documentation', { from: 3, default: null }),
      ]),
    ]),
  ],
});
