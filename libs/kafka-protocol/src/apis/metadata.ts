import { array, bool, int16, int32, nullableArray, nullableString, string, uuid } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Stands where authorized operations were not asked for. */
const NO_OPERATIONS = -0x80000000;

/** Brokers, controller, topics and partition leaders. All topics: an empty list in version 0, null from version 1 on (where empty means none). */
export const metadataApi = defineApi({
  key: 3,
  name: 'Metadata',
  versions: [0, 11],
  flexibleFrom: 9,
  request: [
    nullableArray(
      'topics',
      [
        uuid('topicId', { from: 10, default: '00000000-0000-0000-0000-000000000000' }),
        nullableString('name', { nullableFrom: 10 }),
      ],
      {
        nullableFrom: 1,
      },
    ),
    bool('allowAutoTopicCreation', { from: 4, default: true }),
    bool('includeClusterAuthorizedOperations', { from: 8, to: 10, default: false }),
    bool('includeTopicAuthorizedOperations', { from: 8, default: false }),
  ],
  response: [
    throttleTimeMs(3),
    array('brokers', [
      int32('nodeId'),
      string('host'),
      int32('port'),
      nullableString('rack', { from: 1, default: null }),
    ]),
    nullableString('clusterId', { from: 2, default: null }),
    int32('controllerId', { from: 1, default: -1 }),
    array('topics', [
      int16('errorCode'),
      string('name'),
      uuid('topicId', { from: 10, default: '00000000-0000-0000-0000-000000000000' }),
      bool('isInternal', { from: 1, default: false }),
      array('partitions', [
        int16('errorCode'),
        int32('partitionIndex'),
        int32('leaderId'),
        int32('leaderEpoch', { from: 7, default: -1 }),
        array('replicaNodes', 'int32'),
        array('isrNodes', 'int32'),
        array('offlineReplicas', 'int32', { from: 5, default: [] }),
      ]),
      int32('topicAuthorizedOperations', { from: 8, default: NO_OPERATIONS }),
    ]),
    int32('clusterAuthorizedOperations', { from: 8, to: 10, default: NO_OPERATIONS }),
  ],
});
