import type { AnyApi } from '../codec/define-api.ts';
import { produceApi } from './produce.ts';
import { fetchApi } from './fetch.ts';
import { listOffsetsApi } from './list-offsets.ts';
import { metadataApi } from './metadata.ts';
import { offsetCommitApi } from './offset-commit.ts';
import { offsetFetchApi } from './offset-fetch.ts';
import { findCoordinatorApi } from './find-coordinator.ts';
import { joinGroupApi } from './join-group.ts';
import { heartbeatApi } from './heartbeat.ts';
import { leaveGroupApi } from './leave-group.ts';
import { syncGroupApi } from './sync-group.ts';
import { describeGroupsApi } from './describe-groups.ts';
import { listGroupsApi } from './list-groups.ts';
import { saslHandshakeApi } from './sasl-handshake.ts';
import { apiVersionsApi } from './api-versions.ts';
import { createTopicsApi } from './create-topics.ts';
import { deleteTopicsApi } from './delete-topics.ts';
import { deleteRecordsApi } from './delete-records.ts';
import { initProducerIdApi } from './init-producer-id.ts';
import { offsetForLeaderEpochApi } from './offset-for-leader-epoch.ts';
import { addPartitionsToTxnApi } from './add-partitions-to-txn.ts';
import { addOffsetsToTxnApi } from './add-offsets-to-txn.ts';
import { endTxnApi } from './end-txn.ts';
import { txnOffsetCommitApi } from './txn-offset-commit.ts';
import { describeConfigsApi } from './describe-configs.ts';
import { alterConfigsApi } from './alter-configs.ts';
import { saslAuthenticateApi } from './sasl-authenticate.ts';
import { createPartitionsApi } from './create-partitions.ts';
import { deleteGroupsApi } from './delete-groups.ts';
import { incrementalAlterConfigsApi } from './incremental-alter-configs.ts';
import { offsetDeleteApi } from './offset-delete.ts';

/** Every API that has a table, by key. A new one is a file beside this and a line here. */
export const apis: readonly AnyApi[] = [
  produceApi,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  findCoordinatorApi,
  joinGroupApi,
  heartbeatApi,
  leaveGroupApi,
  syncGroupApi,
  describeGroupsApi,
  listGroupsApi,
  saslHandshakeApi,
  apiVersionsApi,
  createTopicsApi,
  deleteTopicsApi,
  deleteRecordsApi,
  initProducerIdApi,
  offsetForLeaderEpochApi,
  addPartitionsToTxnApi,
  addOffsetsToTxnApi,
  endTxnApi,
  txnOffsetCommitApi,
  describeConfigsApi,
  alterConfigsApi,
  saslAuthenticateApi,
  createPartitionsApi,
  deleteGroupsApi,
  incrementalAlterConfigsApi,
  offsetDeleteApi,
];

const byKey = new Map(apis.map((api) => [api.key, api]));

/** The API of a key, if it has a table. */
export function findApi(key: number): AnyApi | undefined {
  return byKey.get(key);
}
