// The life of a member (KIP-62, KIP-345, KIP-394):
//
//   idle ──start──▶ joining ──JoinGroup──▶ syncing ──SyncGroup──▶ stable ──onAssigned──▶ (heartbeats)
//                    ▲ ▲ │ 79: again with the id given  │ 27, 22, 25      │
//                    │ │ │ 25: again as a new member    │                 ├─ 27, requestRejoin ──onRevoked──┐
//                    │ └─┴── 14, 15, 16, socket lost ───┘                 ├─ 22, 25, session over ──onLost──┤
//                    └────────────────────────────────────────────────────┼─────────────────────────────────┘
//                                                                         ├─ 82, not authorised, a hook threw ──onError──▶ failed
//   anywhere ──leave──▶ left                                              ┘
//
// Between SyncGroup and the rejoin (or the loss) heartbeats run, hooks or not.
import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError } from './errors.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import { joinGroup, leaveGroup } from './group-join.ts';
import type { Joined } from './group-join.ts';
import { commitOffsets, commitTransactionOffsets, fetchOffsets } from './group-offsets.ts';
import type { TransactionIdentity } from './group-offsets.ts';
import type { GroupMemberOptions, GroupMemberState, Membership, PartitionCommit } from './group-types.ts';
import { tellError } from './error-callback.ts';
import { Heartbeats } from './heartbeats.ts';
import type { KafkaClient } from './kafka-client.ts';
import { SessionLease } from './session-lease.ts';
import { atMost, backoffMs, pause, retrying } from './retry.ts';
import type { OffsetAndMetadata, TopicPartition } from './types.ts';

const DEFAULT_SESSION_TIMEOUT_MS = 45_000;
const DEFAULT_REBALANCE_TIMEOUT_MS = 60_000;
/** A coordinator that is away must not hold up a process that ends: it will notice by itself. */
const LEAVE_TIMEOUT_MS = 2_000;
const DEFAULT_HEARTBEAT_INTERVAL_MS = 3_000;

/** Why a generation ends for this member; a later one outranks an earlier one. */
type Ending =
  | { readonly kind: 'rejoin'; readonly reason: string }
  | { readonly kind: 'lost' | 'fatal'; readonly error: Error };

const RANK = { rejoin: 0, lost: 1, fatal: 2 } as const;

/** A member of a consumer group. It has its sockets for itself, so several may live in one process. */
export class GroupMember {
  readonly #cluster: Cluster;
  readonly #options: GroupMemberOptions;
  readonly #coordinator: GroupCoordinator;
  readonly #lease: SessionLease;
  readonly #closing = new AbortController();
  #state: GroupMemberState = 'idle';
  #memberId = '';
  #membership: Membership | undefined;
  #heartbeats: Heartbeats | undefined;
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;
  /** What `onAssigned` gave has not been taken back by `onLost`: it is kept through a rejoin. */
  #holdsAssignment = false;

  constructor(client: KafkaClient, options: GroupMemberOptions) {
    this.#cluster = client.cluster;
    this.#options = options;
    this.#coordinator = new GroupCoordinator(client.cluster, options.groupId);
    this.#lease = new SessionLease(options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS);
  }

  get groupId(): string {
    return this.#options.groupId;
  }

  get state(): GroupMemberState {
    return this.#state;
  }

  /** Of the present generation, until a rejoin, a loss or `leave`. */
  get membership(): Membership | undefined {
    return this.#membership;
  }

  /** True when others may have this member's place although it has not been told: it was out of touch for a session. */
  get isSessionOver(): boolean {
    return this.#lease.isOver;
  }

  /** Starts joining and returns; what comes of it arrives through the hooks. Throws `StreamsError` when called twice. */
  start(): void {
    if (this.#state !== 'idle')
      throw new StreamsError('STREAMS_INVALID_STATE', `start of a member that is ${this.#state}`);
    this.#state = 'joining';
    void this.#live();
  }

  /** Rejoins, for instance because the metadata changed. No effect unless joined. */
  requestRejoin(reason: string): void {
    if (this.#membership !== undefined) this.#end({ kind: 'rejoin', reason });
  }

  /** Another member is about to ask for a rebalance: this one is to notice it at once. No effect unless joined. */
  expectRebalance(): void {
    this.#heartbeats?.hurry();
  }

  /** Asks the coordinator whether this generation is still the group's: until then nobody else has been given anything. Rejects with `BrokerError` when it is not, or when nobody answers. */
  async confirmMembership(): Promise<void> {
    await this.#inMembersName(async ({ memberId, generation }, groupInstanceId) => {
      const request = { groupId: this.groupId, generationId: generation, memberId, groupInstanceId };
      try {
        await this.#coordinator.member(calls.heartbeat, request);
      } catch (error) {
        // The next generation is being joined, and has not begun.
        if (!(error instanceof BrokerError) || error.brokerCode !== ErrorCode.REBALANCE_IN_PROGRESS) throw error;
      }
    });
  }

  /** Commits with the member's generation. Rejects with a `BrokerError` whose recovery is `rejoin` or `fenced` when the partitions are no longer this member's. */
  async commit(offsets: readonly PartitionCommit[]): Promise<void> {
    await this.#inMembersName((membership, groupInstanceId) =>
      this.#retrying(() => commitOffsets(this.#coordinator, this.groupId, membership, groupInstanceId, offsets)),
    );
  }

  /** As `commit`, but the offsets count only when the transaction is committed. One attempt. The transaction must have the group already. */
  async commitInTransaction(transaction: TransactionIdentity, offsets: readonly PartitionCommit[]): Promise<void> {
    await this.#inMembersName((membership, groupInstanceId) =>
      commitTransactionOffsets(this.#coordinator, this.groupId, membership, groupInstanceId, transaction, offsets),
    );
  }

  /** Committed offsets in the order of `partitions`; undefined where there is none. Waits until pending transactional commits are decided, unless `isStable` is false: then what is committed so far counts. */
  committed(
    partitions: readonly TopicPartition[],
    { isStable = true }: { readonly isStable?: boolean } = {},
  ): Promise<readonly (OffsetAndMetadata | undefined)[]> {
    return this.#retrying(() => fetchOffsets(this.#coordinator, this.#options.groupId, partitions, isStable));
  }

  /** Ends the membership: a dynamic member leaves at once, a static one keeps its place until its session times out. Waits at most two seconds for the coordinator. No hook is called after this. Never rejects. */
  async leave(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    this.#stop('left');
    try {
      // Closing the sockets first takes a join back that the broker still holds.
      if (memberId === '' || groupInstanceId !== undefined) return;
      await atMost(leaveGroup(this.#cluster, groupId, memberId), LEAVE_TIMEOUT_MS);
    } catch (error) {
      this.#cluster.logger.debug({ groupId, error: String(error) }, 'could not leave the group');
    }
  }

  async #inMembersName(
    commit: (membership: Membership, groupInstanceId: string | null) => Promise<void>,
  ): Promise<void> {
    const membership = this.#membership;
    const { groupId, groupInstanceId = null } = this.#options;
    if (membership === undefined) {
      throw new BrokerError(`commit without a place in group ${groupId}`, {
        reason: 'UNKNOWN_MEMBER_ID',
        recovery: 'rejoin',
      });
    }
    try {
      await commit(membership, groupInstanceId);
    } catch (error) {
      // A producer that was fenced says nothing about the member in whose name it commits.
      const isAboutMember =
        error instanceof BrokerError &&
        (error.recovery === 'rejoin' || error.brokerCode === ErrorCode.FENCED_INSTANCE_ID);
      if (isAboutMember && membership === this.#membership) this.#learn(error);
      throw error;
    }
  }

  /** Never rejects. */
  async #live(): Promise<void> {
    const { hooks, groupId } = this.#options;
    try {
      while (!this.#closing.signal.aborted) {
        const joined = await this.#join();
        if (joined === undefined) return;
        const { membership, assignment } = joined;
        this.#cluster.logger.info({ groupId, ...membership }, 'joined the group');
        this.#holdsAssignment = true;
        await hooks.onAssigned(assignment, membership);
        const ending = await this.#ended();
        if (ending === undefined) return;
        if (ending.kind === 'rejoin') {
          this.#cluster.logger.info({ groupId, reason: ending.reason }, 'rejoining the group');
          await hooks.onRevoked();
        }
        // While the hook worked a heartbeat or a commit may have learnt that the place is gone.
        const last = await this.#ended();
        if (last === undefined) return;
        if (last.kind === 'fatal') throw last.error;
        this.#forgetMembership();
        if (last.kind === 'lost') await this.#loseAssignment(last.error);
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#stop('failed');
      tellError(hooks.onError, error, this.#cluster.logger);
    }
  }

  /** Undefined when the member leaves. Throws what cannot be retried. */
  async #join(): Promise<Joined | undefined> {
    for (let attempt = 1; !this.#closing.signal.aborted; attempt++) {
      try {
        const joined = await this.#joinOnce();
        if (this.#closing.signal.aborted) return undefined;
        this.#lease.extend(joined.sentMs);
        this.#entered(joined.membership);
        return joined;
      } catch (error) {
        if (!(error instanceof BrokerError) || error.recovery === 'fatal' || error.recovery === 'fenced') throw error;
        if (error.brokerCode === ErrorCode.UNKNOWN_MEMBER_ID && !this.#closing.signal.aborted) {
          this.#memberId = '';
          await this.#loseAssignment(error);
        }
        if (attempt > 1 || error.recovery !== 'rejoin') await pause(backoffMs(attempt), this.#closing.signal);
      }
    }
    return undefined;
  }

  async #joinOnce(): Promise<Joined> {
    const intervalMs = this.#options.heartbeatIntervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS;
    const beat = setInterval(() => this.#lease.extendWhileHeld(), intervalMs);
    try {
      return await joinGroup(this.#cluster, this.#coordinator, this.#joinOptions());
    } finally {
      clearInterval(beat);
    }
  }

  /** The group has forgotten this member: others may have what it held through the rejoin. */
  async #loseAssignment(reason: Error): Promise<void> {
    if (!this.#holdsAssignment) return;
    this.#holdsAssignment = false;
    const { hooks, groupId } = this.#options;
    this.#cluster.logger.warn({ groupId, reason: reason.message }, 'lost the place in the group');
    await hooks.onLost(reason);
  }

  #joinOptions() {
    const { groupId, groupInstanceId = null, assignor, topics } = this.#options;
    return {
      groupId,
      groupInstanceId,
      assignor,
      topics,
      memberId: this.#memberId,
      sessionTimeoutMs: this.#options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: this.#options.rebalanceTimeoutMs ?? DEFAULT_REBALANCE_TIMEOUT_MS,
      onState: (state: 'joining' | 'syncing', memberId: string) => {
        if (this.#closing.signal.aborted) return;
        this.#state = state;
        this.#memberId = memberId;
      },
    };
  }

  #entered(membership: Membership): void {
    const { groupId, groupInstanceId = null } = this.#options;
    this.#state = 'stable';
    this.#memberId = membership.memberId;
    this.#membership = membership;
    this.#ending = undefined;
    const intervalMs = this.#options.heartbeatIntervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS;
    const sessionTimeoutMs = this.#options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    this.#heartbeats = new Heartbeats(
      this.#coordinator,
      { groupId, groupInstanceId, membership, intervalMs, sessionTimeoutMs },
      {
        answered: (sentMs) => this.#lease.extend(sentMs),
        rebalancing: ({ message }) => this.#end({ kind: 'rejoin', reason: message }),
        expelled: (error) => this.#learn(error),
      },
    );
  }

  /** The broker said something about the membership. */
  #learn(error: BrokerError): void {
    if (error.brokerCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#end({ kind: 'rejoin', reason: error.message });
    else if (error.recovery === 'rejoin') {
      if (error.brokerCode === ErrorCode.UNKNOWN_MEMBER_ID) this.#memberId = '';
      this.#end({ kind: 'lost', error });
    } else if (error.recovery === 'fenced') this.#end({ kind: 'fatal', error });
    else if (!error.retriable) this.#end({ kind: 'fatal', error });
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined && RANK[this.#ending.kind] >= RANK[ending.kind]) return;
    this.#ending = ending;
    this.#wake?.();
  }

  /** Why the generation ended; undefined when the member leaves. */
  async #ended(): Promise<Ending | undefined> {
    if (this.#ending === undefined && !this.#closing.signal.aborted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    return this.#closing.signal.aborted ? undefined : this.#ending;
  }

  #forgetMembership(): void {
    this.#heartbeats?.stop();
    this.#heartbeats = undefined;
    this.#membership = undefined;
    if (!this.#closing.signal.aborted) this.#state = 'joining';
  }

  #stop(state: 'left' | 'failed'): void {
    this.#closing.abort();
    this.#forgetMembership();
    this.#state = state;
    this.#coordinator.close();
    this.#wake?.();
  }

  #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying(attempt, { timeoutMs: this.#cluster.retryTimeoutMs, signal: this.#closing.signal });
  }
}
