import { array, bool, int16, int32, int8, nullableArray, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Creates topics; partitions or replication factor -1 takes the broker's default (from version 4 on). */
export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 6],
  flexibleFrom: 5,
  request: [
    array('topics', [
      string('name'),
      int32('numPartitions'),
      int16('replicationFactor'),
      array('assignments', [int32('partitionIndex'), array('brokerIds', 'int32')], { default: [] }),
      array('configs', [string('name'), nullableString('value')], { default: [] }),
    ]),
    int32('timeoutMs', { default: 60_000 }),
    bool('validateOnly', { default: false }),
  ],
  response: [
    throttleTimeMs(2),
    array('topics', [
      string('name'),
      int16('errorCode'),
      nullableString('errorMessage', { default: null }),
      int16('topicConfigErrorCode', { from: 5, default: 0, tag: 0 }),
      int32('numPartitions', { from: 5, default: -1 }),
      int16('replicationFactor', { from: 5, default: -1 }),
      nullableArray(
        'configs',
        [
          string('name'),
          nullableString('value'),
          bool('readOnly'),
          int8('configSource', { default: -1 }),
          bool('isSensitive'),
        ],
        { from: 5, default: [] },
      ),
    ]),
  ],
});
