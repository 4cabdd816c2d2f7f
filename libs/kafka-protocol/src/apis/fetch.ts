import {
  array,
  int16,
  int32,
  int64,
  int8,
  nullableArray,
  nullableString,
  records,
  string,
  struct,
} from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Reads record batches from partitions; waits up to `maxWaitMs` until `minBytes` are there. Version 13 begins to name topics by id and is not described. */
export const fetchApi = defineApi({
  key: 1,
  name: 'Fetch',
  versions: [4, 12],
  flexibleFrom: 12,
  request: [
    nullableString('clusterId', { from: 12, default: null, tag: 0 }),
    int32('replicaId', { default: -1 }),
    int32('maxWaitMs'),
    int32('minBytes'),
    int32('maxBytes', { default: 0x7fffffff }),
    int8('isolationLevel', { default: 0 }),
    int32('sessionId', { from: 7, default: 0 }),
    int32('sessionEpoch', { from: 7, default: -1 }),
    array('topics', [
      string('topic'),
      array('partitions', [
        int32('partition'),
        int32('currentLeaderEpoch', { from: 9, default: -1 }),
        int64('fetchOffset'),
        int32('lastFetchedEpoch', { from: 12, default: -1 }),
        int64('logStartOffset', { from: 5, default: -1 }),
        int32('partitionMaxBytes'),
      ]),
    ]),
    array('forgottenTopicsData', [string('topic'), array('partitions', 'int32')], { from: 7, default: [] }),
    string('rackId', { from: 11, default: '' }),
  ],
  response: [
    throttleTimeMs(1),
    int16('errorCode', { from: 7, default: 0 }),
    int32('sessionId', { from: 7, default: 0 }),
    array('responses', [
      string('topic'),
      array('partitions', [
        int32('partitionIndex'),
        int16('errorCode'),
        int64('highWatermark'),
        int64('lastStableOffset', { default: -1 }),
        int64('logStartOffset', { from: 5, default: -1 }),
        struct('divergingEpoch', [int32('epoch'), int64('endOffset')], { from: 12, default: null, tag: 0 }),
        struct('currentLeader', [int32('leaderId'), int32('leaderEpoch')], { from: 12, default: null, tag: 1 }),
        nullableArray('abortedTransactions', [int64('producerId'), int64('firstOffset')], { default: null }),
        int32('preferredReadReplica', { from: 11, default: -1 }),
        records('records', { default: null }),
      ]),
    ]),
  ],
});
