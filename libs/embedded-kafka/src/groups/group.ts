import type { Clock } from './clock.ts';
import { GroupMember, type MemberProfile } from './group-member.ts';
import type { GroupSettings } from './group-settings.ts';
import { SessionTimer } from './session-timer.ts';

// The classic protocol. rebalance.ts walks these arrows.
//
//              first join                all have joined                the leader has synced
//   Empty ─────────────────▶ Preparing ───────────────────▶ Completing ──────────────────────▶ Stable
//     ▲                      Rebalance  ◀─────────────────   Rebalance                            │
//     │ no one has joined     │   ▲     join with new metadata, leave, lost session,              │
//     └───────────────────────┘   │     a sync that does not come                                 │
//                                 └───────────────────────────────────────────────────────────────┘
//                                       the same, or the leader joins again
//   Empty without offsets ──▶ Dead: removed from the coordinator

/** The state of a group, with Kafka's names. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** What a group needs from around it. */
export interface GroupSurroundings {
  readonly clock: Clock;
  readonly settings: GroupSettings;
  /** Called when a generation has begun, or the group has become empty. */
  changed(group: Group): void;
  /** Called when nothing was heard of a member, or of one that was only given an id. */
  sessionExpired(group: Group, memberId: string): void;
}

/** A group's members and its generation. Knows who is in it and what they agree on; when something happens is decided in rebalance.ts. */
export class Group {
  readonly id: string;
  readonly surroundings: GroupSurroundings;
  state: GroupState = 'Empty';
  generationId = 0;
  /** `consumer`, `connect`, …; empty for a group that only ever committed. */
  protocolType = '';
  /** The assignor of the present generation. */
  protocolName: string | null = null;
  leaderId = '';
  /** Since when it is empty, in milliseconds since the epoch; -1 while it has members. */
  emptySinceMs: number;
  /** Members of the present generation whose sync has not come. */
  readonly unsynced = new Set<string>();
  readonly #members = new Map<string, GroupMember>();
  readonly #memberIdByInstance = new Map<string, string>();
  /** Ids that were handed out with error 79 and have not joined. */
  readonly #promisedIds = new Map<string, SessionTimer>();
  #cancelTimer: (() => void) | null = null;

  constructor(id: string, surroundings: GroupSurroundings) {
    this.id = id;
    this.surroundings = surroundings;
    this.emptySinceMs = surroundings.clock.now();
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether one more member or promised id would be too many. */
  get isFull(): boolean {
    return this.#members.size + this.#promisedIds.size >= this.surroundings.settings.maxGroupSize;
  }

  /** Whether nobody is in it or about to join. */
  get isIdle(): boolean {
    return this.#members.size === 0 && this.#promisedIds.size === 0;
  }

  /** A copy: members may be removed while it is walked. */
  members(): GroupMember[] {
    return [...this.#members.values()];
  }

  member(id: string): GroupMember | undefined {
    return this.#members.get(id);
  }

  memberOfInstance(instanceId: string): GroupMember | undefined {
    const id = this.#memberIdByInstance.get(instanceId);
    return id === undefined ? undefined : this.#members.get(id);
  }

  add(id: string, instanceId: string | null, profile: MemberProfile): GroupMember {
    const session = new SessionTimer(this.surroundings.clock, profile.sessionTimeoutMs, () => {
      this.surroundings.sessionExpired(this, id);
    });
    const member = new GroupMember(id, instanceId, profile, session);
    this.keepPromise(id);
    if (this.#members.size === 0) {
      this.protocolType = profile.protocolType;
      this.leaderId = id;
    }
    this.#members.set(id, member);
    if (instanceId !== null) this.#memberIdByInstance.set(instanceId, id);
    this.emptySinceMs = -1;
    return member;
  }

  /** Takes a member out. Its parked requests are the caller's to answer. */
  remove(member: GroupMember): void {
    member.session.stop();
    this.#members.delete(member.id);
    this.unsynced.delete(member.id);
    if (member.instanceId !== null) this.#memberIdByInstance.delete(member.instanceId);
    if (this.leaderId === member.id) this.leaderId = this.#members.keys().next().value ?? '';
    if (this.#members.size === 0) this.emptySinceMs = this.surroundings.clock.now();
  }

  /** Puts a new process in the place of a static member: leadership and assignment stay. */
  replaceStatic(old: GroupMember, newId: string, profile: MemberProfile): GroupMember {
    const wasLeader = this.leaderId === old.id;
    this.remove(old);
    const member = this.add(newId, old.instanceId, profile);
    member.assignment = old.assignment;
    if (wasLeader) this.leaderId = newId;
    return member;
  }

  /** Notes an id that was given to a member to be; it blocks the rebalance until it joins or its session is over. */
  promise(id: string, sessionTimeoutMs: number): void {
    const expired = (): void => this.surroundings.sessionExpired(this, id);
    this.#promisedIds.set(id, new SessionTimer(this.surroundings.clock, sessionTimeoutMs, expired));
  }

  isPromised(id: string): boolean {
    return this.#promisedIds.has(id);
  }

  /** The promised id has joined, or will not. */
  keepPromise(id: string): void {
    this.#promisedIds.get(id)?.stop();
    this.#promisedIds.delete(id);
  }

  /** Whether the rebalance waits for no one. */
  haveAllJoined(): boolean {
    return this.#promisedIds.size === 0 && this.members().every((member) => member.parkedJoin !== null);
  }

  /** Makes one of those who have joined the leader, the present one if it is among them; false when no one has. */
  electLeader(): boolean {
    const joined = this.members().filter((member) => member.parkedJoin !== null);
    const leader = joined.find(({ id }) => id === this.leaderId) ?? joined[0];
    if (leader !== undefined) this.leaderId = leader.id;
    return leader !== undefined;
  }

  /** Whether a member with these protocols could be in the group: of its type, and with a protocol that all others have. `except` is the member itself. */
  accepts(protocolType: string, protocols: readonly { readonly name: string }[], except?: string): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    const others = this.members().filter((member) => member.id !== except);
    if (others.length === 0) return this.size === 0 || protocolType === this.protocolType;
    return (
      protocolType === this.protocolType &&
      protocols.some(({ name }) => others.every((member) => member.supports(name)))
    );
  }

  /** The protocol that all members have and most of them prefer; of several the one that sorts first. */
  selectProtocol(): string {
    const members = this.members();
    const candidates = new Set(
      members[0]?.profile.protocols.map(({ name }) => name).filter((name) => members.every((m) => m.supports(name))),
    );
    const votes = new Map<string, number>();
    for (const member of members) {
      const vote = member.voteFor(candidates);
      if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    const ranked = [...votes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return ranked[0]?.[0] ?? '';
  }

  /** How long a rebalance waits for the slowest member. */
  maxRebalanceTimeoutMs(): number {
    return this.members().reduce((most, member) => Math.max(most, member.profile.rebalanceTimeoutMs), 0);
  }

  /** Starts the group's one timer: for the joins while preparing, for the syncs after that. */
  startTimer(delayMs: number, callback: () => void): void {
    this.stopTimer();
    this.#cancelTimer = this.surroundings.clock.after(delayMs, () => {
      this.#cancelTimer = null;
      callback();
    });
  }

  stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Stops everything that could still happen by itself. */
  dispose(): void {
    this.state = 'Dead';
    this.stopTimer();
    for (const member of this.members()) member.session.stop();
    for (const timer of this.#promisedIds.values()) timer.stop();
    this.#promisedIds.clear();
  }
}
