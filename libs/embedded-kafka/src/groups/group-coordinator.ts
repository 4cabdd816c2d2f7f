import { join as joinPath } from 'node:path';
import {
  ErrorCode,
  type heartbeatApi,
  type joinGroupApi,
  type RequestOf,
  type syncGroupApi,
} from '@playhead/kafka-protocol';
import type { BrokerLogger } from '../logger.ts';
import type { TopicCatalogue } from '../server/services.ts';
import { systemClock, type Clock } from './clock.ts';
import { checkCommit, type Committer } from './commit-check.ts';
import { NO_ASSIGNMENT, type JoinResponse, type SyncResponse } from './group-member.ts';
import { DEFAULT_GROUP_SETTINGS, type GroupSettings } from './group-settings.ts';
import { Group, type GroupSurroundings } from './group.ts';
import { heartbeat } from './heartbeat.ts';
import { join, type Client } from './join.ts';
import { leave } from './leave.ts';
import type { MemberIdentity } from './member-check.ts';
import type { PartitionOffset } from './offset-entry.ts';
import { expireOffsets } from './offset-expiry.ts';
import { OffsetStore } from './offset-store.ts';
import { expireSession } from './rebalance.ts';
import { subscribedTopics } from './subscriptions.ts';
import { sync } from './sync.ts';

/** What the coordinator is given at start. */
export interface GroupCoordinatorOptions {
  /** The broker's data directory; the coordinator has `groups` below it. */
  readonly dataDir: string;
  readonly topics: TopicCatalogue;
  readonly logger: BrokerLogger;
  /** Force every commit to the disk. Default false: commits survive the death of the process, not a power failure. */
  readonly sync?: boolean;
  readonly settings?: Partial<GroupSettings>;
  readonly clock?: Clock;
}

/** An offset to be committed, before it has a time. */
export type OffsetToCommit = Omit<PartitionOffset, 'committedAtMs'>;

/** All groups of the broker and their offsets. Members do not outlive it: after a restart a group is empty with its offsets, and its members join again (25). */
export class GroupCoordinator {
  readonly settings: GroupSettings;
  readonly offsets: OffsetStore;
  readonly #groups = new Map<string, Group>();
  readonly #options: GroupCoordinatorOptions;
  readonly #clock: Clock;
  readonly #surroundings: GroupSurroundings;
  #cancelSweep: (() => void) | null = null;

  /** Reads the offsets back. Throws when they cannot be read. */
  constructor(options: GroupCoordinatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.settings = { ...DEFAULT_GROUP_SETTINGS, ...options.settings };
    const { logger, sync = false } = options;
    const { compactAboveBytes } = this.settings;
    this.offsets = new OffsetStore(joinPath(options.dataDir, 'groups'), { compactAboveBytes, sync, logger });
    this.#surroundings = {
      clock: this.#clock,
      settings: this.settings,
      changed: (group) => this.#save(group),
      sessionExpired: (group, memberId) => {
        logger.info('group member expired', { group: group.id, member: memberId });
        expireSession(group, memberId);
      },
    };
    for (const id of this.offsets.groupIds()) this.#restore(id);
    options.topics.onTopicDeleted((topic) =>
      this.#attempt('offsets of a deleted topic', () => this.offsets.forgetTopic(topic)),
    );
    this.#sweepLater();
  }

  /** Handles JoinGroup. */
  join(request: RequestOf<typeof joinGroupApi>, client: Client): JoinResponse | Promise<JoinResponse> {
    const { groupId, memberId } = request;
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID, memberId };
    const group = this.#groups.get(groupId);
    if (group !== undefined) return join(group, request, client);
    if (memberId !== '') return { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, memberId };
    const created = this.#create(groupId);
    return created === undefined ? { errorCode: ErrorCode.POLICY_VIOLATION, memberId } : join(created, request, client);
  }

  /** Handles SyncGroup. */
  sync(request: RequestOf<typeof syncGroupApi>, signal: AbortSignal): SyncResponse | Promise<SyncResponse> {
    if (request.groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID, assignment: NO_ASSIGNMENT };
    const group = this.#groups.get(request.groupId);
    if (group === undefined) return { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, assignment: NO_ASSIGNMENT };
    return sync(group, request, signal);
  }

  /** Handles Heartbeat; answers an error code. */
  heartbeat(request: RequestOf<typeof heartbeatApi>): number {
    if (request.groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const group = this.#groups.get(request.groupId);
    return group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : heartbeat(group, request);
  }

  /** Handles LeaveGroup for one member; answers an error code. */
  leave(groupId: string, identity: MemberIdentity): number {
    const group = this.#groups.get(groupId);
    return group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : leave(group, identity);
  }

  /** Whether a commit by this committer is accepted; answers an error code (see {@link checkCommit}). */
  checkCommit(groupId: string, committer: Committer, isTransactional = false): number {
    return checkCommit(this.#groups.get(groupId), committer, isTransactional);
  }

  /** Stores offsets that have been checked; answers an error code. They are on disk when this returns. */
  commit(groupId: string, offsets: readonly OffsetToCommit[]): number {
    return this.#store(groupId, offsets, (stored) => this.offsets.commit(groupId, stored));
  }

  /** Stores offsets that have been checked until the producer's transaction ends; answers an error code. They are on disk when this returns. */
  commitPending(groupId: string, producerId: number, offsets: readonly OffsetToCommit[]): number {
    return this.#store(groupId, offsets, (stored) => this.offsets.commitPending(groupId, producerId, stored));
  }

  /** Whether the partition may have offsets committed. */
  hasPartition(topic: string, partition: number): boolean {
    return this.#options.topics.hasPartition(topic, partition);
  }

  group(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  groups(): Group[] {
    return [...this.#groups.values()];
  }

  /** Deletes a group that has no members, with its offsets; answers an error code. */
  delete(groupId: string): number {
    const group = this.#groups.get(groupId);
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    // An id that was handed out and has not joined is no member: it will be told 25.
    if (group.size > 0) return ErrorCode.NON_EMPTY_GROUP;
    const removed = this.#attempt(`group ${groupId}`, () => this.#remove(group));
    return removed ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  /** Whether offsets of the group may be forgotten one by one: not where its members keep to themselves what they read. Answers an error code. */
  canForgetOffsets(groupId: string): number {
    const group = this.#groups.get(groupId);
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    return group.size === 0 || group.protocolType === 'consumer' ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  /** Forgets a committed offset, unless a member reads its topic; answers an error code. */
  forgetOffset(groupId: string, topic: string, partition: number): number {
    const group = this.#groups.get(groupId);
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    const subscribed = subscribedTopics(group);
    if (subscribed === null || subscribed.has(topic)) return ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC;
    if (!this.hasPartition(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const forgotten = this.#attempt(`an offset of group ${groupId}`, () =>
      this.offsets.forget(groupId, [{ topic, partition }]),
    );
    return forgotten ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  /** Forgets offsets that are past their time and groups that are empty in every sense. Runs by itself every `retentionCheckIntervalMs`. */
  sweep(): void {
    for (const group of this.groups()) {
      if (group.isIdle) this.#attempt(`offsets of group ${group.id}`, () => this.#expire(group));
    }
  }

  /** Stops all timers and closes the file. Parked requests end with their connections. */
  close(): void {
    this.#cancelSweep?.();
    for (const group of this.groups()) group.dispose();
    this.#groups.clear();
    this.offsets.close();
  }

  #store(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    store: (offsets: readonly PartitionOffset[]) => void,
  ): number {
    if (!this.#groups.has(groupId) && this.#create(groupId) === undefined) return ErrorCode.POLICY_VIOLATION;
    const committedAtMs = this.#clock.now();
    try {
      store(offsets.map((offset) => ({ ...offset, committedAtMs })));
      return ErrorCode.NONE;
    } catch (error) {
      this.#options.logger.error('offsets could not be stored', { group: groupId, reason: String(error) });
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }
  }

  #create(groupId: string): Group | undefined {
    if (this.#groups.size >= this.settings.maxGroups) {
      this.#options.logger.warn('group refused: too many groups', {
        group: groupId,
        maxGroups: this.settings.maxGroups,
      });
      return undefined;
    }
    const group = new Group(groupId, this.#surroundings);
    this.#groups.set(groupId, group);
    return group;
  }

  /** A group of the file, without members; one that had some when the broker ended has been empty since now. */
  #restore(groupId: string): void {
    const group = new Group(groupId, this.#surroundings);
    const stored = this.offsets.stored(groupId);
    if (stored !== null) {
      group.protocolType = stored.protocolType;
      group.generationId = stored.generationId;
      if (stored.emptySinceMs >= 0) group.emptySinceMs = stored.emptySinceMs;
    }
    this.#groups.set(groupId, group);
  }

  /** Forgets something; false when the disk refuses, which is no reason to end the broker or a connection: what is left is forgotten later. */
  #attempt(what: string, forget: () => void): boolean {
    try {
      forget();
      return true;
    } catch (error) {
      this.#options.logger.error('could not be forgotten', { what, reason: String(error) });
      return false;
    }
  }

  #expire(group: Group): void {
    const { offsetsRetentionMs } = this.settings;
    const count = expireOffsets(this.offsets, group.id, group.emptySinceMs, this.#clock.now(), offsetsRetentionMs);
    if (count > 0) this.#options.logger.info('committed offsets expired', { group: group.id, offsets: count });
    if (!this.offsets.hasOffsets(group.id) && !this.offsets.hasPending(group.id)) this.#remove(group);
  }

  #save(group: Group): void {
    const { id, state, protocolType, generationId, emptySinceMs } = group;
    this.#options.logger.info('group changed', { group: id, state, generation: generationId, members: group.size });
    try {
      this.offsets.saveGroup(id, { protocolType, generationId, emptySinceMs });
    } catch (error) {
      // Only the generation's number after a restart depends on it, and no member outlives that.
      this.#options.logger.error('group could not be stored', { group: id, reason: String(error) });
    }
  }

  #remove(group: Group): void {
    // First what may be refused: a group whose offsets are still stored is still there.
    this.offsets.deleteGroup(group.id);
    group.dispose();
    this.#groups.delete(group.id);
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.after(this.settings.retentionCheckIntervalMs, () => {
      this.sweep();
      this.#sweepLater();
    });
  }
}
