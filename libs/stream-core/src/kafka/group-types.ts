import type { OffsetAndMetadata, TopicPartition } from './types.ts';

/** A member as the group's leader sees it. */
export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** What the member's own `GroupAssignor.metadata` returned. */
  readonly metadata: Buffer;
}

/** Decides who reads what. The bytes are the assignor's own; `consumer-protocol.ts` has the form that Kafka's tools can show. */
export interface GroupAssignor {
  /** All members of a group must have one name in common. */
  readonly name: string;
  /** What this member tells the leader; asked anew at every join. */
  metadata(): Buffer;
  /** Called at the leader only. Every member must be in the result. A throw is reported to `onError` and ends the membership; a `BrokerError` that may pass makes the member join again. */
  assign(
    members: readonly JoinedMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, Buffer> | Promise<ReadonlyMap<string, Buffer>>;
}

/** What a member knows about its place in one generation of the group. */
export interface Membership {
  readonly memberId: string;
  readonly generation: number;
  readonly leader: boolean;
}

/** The owner's part in a rebalance. Each is awaited, one at a time, in the order in which things happened; heartbeats go on meanwhile. */
export interface GroupHooks {
  /** Before a rejoin: the generation is still valid, so offsets can be committed here. */
  onRevoked(): Promise<void>;
  onAssigned(assignment: Buffer, membership: Membership): Promise<void>;
  /** The partitions are already somebody else's: nothing may be committed. */
  onLost(reason: Error): Promise<void>;
  /** The membership has ended for good: fenced, not authorised, or a hook or the assignor threw. */
  onError(error: Error): void;
}

/** How a `GroupMember` takes part. */
export interface GroupMemberOptions {
  readonly groupId: string;
  /** Static membership (KIP-345): a restart within the session timeout causes no rebalance. */
  readonly groupInstanceId?: string;
  /** Topics whose partition counts the assignor is given. */
  readonly topics: readonly string[];
  readonly assignor: GroupAssignor;
  readonly hooks: GroupHooks;
  /** Default 45,000. */
  readonly sessionTimeoutMs?: number;
  /** How long the group waits for this member to rejoin. Default 60,000. */
  readonly rebalanceTimeoutMs?: number;
  /** Default 3,000. A rebalance is noticed with the next heartbeat. */
  readonly heartbeatIntervalMs?: number;
}

/** An offset to commit, and of which partition. */
export interface PartitionCommit extends TopicPartition, OffsetAndMetadata {}

/** Where a member stands: see the drawing in `group-member.ts`. */
export type GroupMemberState = 'idle' | 'joining' | 'syncing' | 'stable' | 'left' | 'failed';
