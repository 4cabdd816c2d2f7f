import type { joinGroupApi, ResponseInputOf, syncGroupApi } from '@playhead/kafka-protocol';
import type { Parked } from './parked.ts';
import type { SessionTimer } from './session-timer.ts';

/** What the coordinator answers a join with. */
export type JoinResponse = ResponseInputOf<typeof joinGroupApi>;
/** What the coordinator answers a sync with. */
export type SyncResponse = ResponseInputOf<typeof syncGroupApi>;

/** An assignor that a member can use, and what it tells the leader about itself for it. Opaque to the broker. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** What a member says about itself each time it joins. */
export interface MemberProfile {
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  /** How long a rebalance waits for it. */
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  /** In its order of preference. */
  readonly protocols: readonly MemberProtocol[];
}

export const NO_ASSIGNMENT: Buffer = Buffer.alloc(0);

/** A member of a group. */
export class GroupMember {
  readonly id: string;
  /** Set for a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly session: SessionTimer;
  profile: MemberProfile;
  assignment: Buffer = NO_ASSIGNMENT;
  /** Its JoinGroup that waits for the rebalance to have everybody; its session does not run meanwhile. */
  parkedJoin: Parked<JoinResponse> | null = null;
  /** Its SyncGroup that waits for the leader's. */
  parkedSync: Parked<SyncResponse> | null = null;

  constructor(id: string, instanceId: string | null, profile: MemberProfile, session: SessionTimer) {
    this.id = id;
    this.instanceId = instanceId;
    this.profile = profile;
    this.session = session;
  }

  supports(protocol: string): boolean {
    return this.profile.protocols.some(({ name }) => name === protocol);
  }

  metadataFor(protocol: string): Buffer {
    return this.profile.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_ASSIGNMENT;
  }

  /** Whether a join says nothing new: the same protocols in the same order with the same metadata. */
  hasSameProtocols(protocols: readonly MemberProtocol[]): boolean {
    const own = this.profile.protocols;
    return (
      own.length === protocols.length &&
      own.every(({ name, metadata }, i) => name === protocols[i]?.name && metadata.equals(protocols[i].metadata))
    );
  }

  /** Its first choice among the candidates. */
  voteFor(candidates: ReadonlySet<string>): string | undefined {
    return this.profile.protocols.find(({ name }) => candidates.has(name))?.name;
  }
}
