import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { AnyApiHandler } from '../server/handler.ts';
import type { BrokerIdentity } from '../server/services.ts';
import type { ProducerIds } from '../storage/producer-ids.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { addOffsetsToTxn } from './add-offsets-to-txn.ts';
import { addPartitionsToTxn } from './add-partitions-to-txn.ts';
import { alterConfigs } from './alter-configs.ts';
import { apiVersions } from './api-versions.ts';
import { createPartitions } from './create-partitions.ts';
import { createTopics } from './create-topics.ts';
import { deleteGroups } from './delete-groups.ts';
import { deleteRecords } from './delete-records.ts';
import { deleteTopics } from './delete-topics.ts';
import { describeConfigs, type BrokerSetting } from './describe-configs.ts';
import { describeGroups } from './describe-groups.ts';
import { fetch } from './fetch.ts';
import { findCoordinator } from './find-coordinator.ts';
import { heartbeat } from './heartbeat.ts';
import { incrementalAlterConfigs } from './incremental-alter-configs.ts';
import { endTxn } from './end-txn.ts';
import { initProducerId } from './init-producer-id.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { listGroups } from './list-groups.ts';
import { listOffsets } from './list-offsets.ts';
import { metadata } from './metadata.ts';
import { offsetCommit } from './offset-commit.ts';
import { offsetDelete } from './offset-delete.ts';
import { offsetFetch } from './offset-fetch.ts';
import { offsetForLeaderEpoch } from './offset-for-leader-epoch.ts';
import { produce } from './produce.ts';
import { syncGroup } from './sync-group.ts';
import { txnOffsetCommit } from './txn-offset-commit.ts';

/** Everything that handlers are made from; each takes what it names in its own options. */
export interface HandlerParts extends BrokerIdentity {
  readonly clusterId: string;
  readonly topics: TopicStore;
  readonly groups: GroupCoordinator;
  readonly producerIds: ProducerIds;
  readonly transactions: TransactionCoordinator;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly maxFetchBytes: number;
  readonly sync: boolean;
  readonly brokerSettings: readonly BrokerSetting[];
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Every API that the broker serves. A new one is a file beside this and a line here. */
export function createHandlers(parts: HandlerParts): readonly AnyApiHandler[] {
  const handlers: readonly AnyApiHandler[] = [
    // The broker itself.
    apiVersions(() => handlers),
    metadata(parts),
    findCoordinator(parts),

    // Records.
    produce(parts),
    fetch(parts),
    listOffsets(parts),
    offsetForLeaderEpoch(parts),
    deleteRecords(parts),

    // Idempotent and transactional producers.
    initProducerId(parts),
    addPartitionsToTxn(parts),
    addOffsetsToTxn(parts),
    txnOffsetCommit(parts),
    endTxn(parts),

    // Topics and their settings.
    createTopics(parts),
    createPartitions(parts),
    deleteTopics(parts),
    describeConfigs(parts),
    alterConfigs(parts),
    incrementalAlterConfigs(parts),

    // Groups.
    joinGroup(parts),
    syncGroup(parts),
    heartbeat(parts),
    leaveGroup(parts),
    offsetCommit(parts),
    offsetFetch(parts),
    offsetDelete(parts),
    listGroups(parts),
    describeGroups(parts),
    deleteGroups(parts),
  ];
  return handlers;
}
