import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  apiVersionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeConfigsApi,
  describeGroupsApi,
  endTxnApi,
  fetchApi,
  findCoordinatorApi,
  heartbeatApi,
  initProducerIdApi,
  joinGroupApi,
  leaveGroupApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
  produceApi,
  syncGroupApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import type { Api } from '@playhead/kafka-protocol';

/** An API and the versions of it that this client is written for. */
export interface Call<In, Out> {
  readonly api: Api<In, unknown, never, Out>;
  readonly min: number;
  readonly max: number;
}

function call<In, Out>(api: Api<In, unknown, never, Out>, min: number, max: number): Call<In, Out> {
  return { api, min, max };
}

/**
 * Everything this client asks a broker. Each maximum is the newest version that was tried on Apache Kafka 4.3 and that
 * still carries topic names; each minimum has the fields we cannot do without.
 */
export const calls = {
  apiVersions: call(apiVersionsApi, 0, 2),
  metadata: call(metadataApi, 7, 8),
  produce: call(produceApi, 3, 7),
  fetch: call(fetchApi, 4, 11),
  listOffsets: call(listOffsetsApi, 2, 5),
  initProducerId: call(initProducerIdApi, 0, 1),
  /** From version 3 on an instance goes on only from its own epoch: one that was replaced cannot take its id back (KIP-360). */
  initTransactions: call(initProducerIdApi, 3, 4),
  addPartitionsToTxn: call(addPartitionsToTxnApi, 0, 3),
  addOffsetsToTxn: call(addOffsetsToTxnApi, 0, 3),
  /** From version 3 on the member's generation vouches for the offsets (KIP-447). */
  txnOffsetCommit: call(txnOffsetCommitApi, 3, 3),
  /** Version 5 would begin the next transaction's epoch (KIP-890), which goes with Produce 12 only. */
  endTxn: call(endTxnApi, 0, 4),
  findCoordinator: call(findCoordinatorApi, 1, 2),
  joinGroup: call(joinGroupApi, 5, 5),
  syncGroup: call(syncGroupApi, 3, 3),
  heartbeat: call(heartbeatApi, 3, 3),
  leaveGroup: call(leaveGroupApi, 3, 3),
  offsetCommit: call(offsetCommitApi, 7, 7),
  /** From version 7 an offset of an open transaction is waited for. */
  offsetFetch: call(offsetFetchApi, 2, 7),
  offsetDelete: call(offsetDeleteApi, 0, 0),
  describeGroups: call(describeGroupsApi, 0, 4),
  createTopics: call(createTopicsApi, 2, 4),
  deleteTopics: call(deleteTopicsApi, 1, 3),
  deleteRecords: call(deleteRecordsApi, 0, 1),
  describeConfigs: call(describeConfigsApi, 1, 3),
} as const;
