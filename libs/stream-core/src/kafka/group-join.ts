import { ErrorCode } from '@playhead/kafka-protocol';
import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { brokerError } from './errors.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { GroupAssignor, JoinedMember, Membership } from './group-types.ts';
import { describeTopics } from './topic-admin.ts';

/** As Kafka's tools expect it of a group whose assignments they shall show. */
const PROTOCOL_TYPE = 'consumer';
/** Beside the rebalance timeout, for which the broker may hold a join. */
const JOIN_MARGIN_MS = 5_000;
const LEAVE_TIMEOUT_MS = 5_000;

/** Who joins, and how. */
export interface JoinOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  /** Empty for a new member. */
  readonly memberId: string;
  readonly assignor: GroupAssignor;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly onState: (state: 'joining' | 'syncing', memberId: string) => void;
}

/** A place in a generation, and what was assigned. */
export interface Joined {
  readonly membership: Membership;
  readonly assignment: Buffer;
  /** When the last request of the join was sent (`performance.now()`). */
  readonly sentMs: number;
}

/** One JoinGroup and SyncGroup (two joins where the broker hands out the member id first). Rejects with `BrokerError`, or with what the assignor threw. */
export async function joinGroup(
  cluster: Cluster,
  coordinator: GroupCoordinator,
  options: JoinOptions,
): Promise<Joined> {
  const { groupId, groupInstanceId, assignor } = options;
  options.onState('joining', options.memberId);
  let answer = await sendJoin(coordinator, options, options.memberId);
  if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
    options.onState('joining', answer.memberId);
    answer = await sendJoin(coordinator, options, answer.memberId);
  }
  const { memberId, generationId: generation } = answer;
  const leader = answer.leader === memberId;
  options.onState('syncing', memberId);
  const assignments = leader ? await assign(cluster, assignor, options.topics, answer.members) : [];
  const sentMs = performance.now();
  const sync = await coordinator.member(calls.syncGroup, {
    groupId,
    generationId: generation,
    memberId,
    groupInstanceId,
    assignments,
  });
  return { membership: { memberId, generation, leader }, assignment: sync.assignment, sentMs };
}

/** Tells the coordinator that a member is gone. One attempt, over a socket that nothing else waits on. */
export async function leaveGroup(cluster: Cluster, groupId: string, memberId: string): Promise<void> {
  const { errorCode, host, port } = await cluster.askAny(calls.findCoordinator, { key: groupId, keyType: 0 });
  if (errorCode !== 0) throw brokerError(errorCode, `coordinator of group ${groupId}`);
  await cluster.ask({ host, port }, calls.leaveGroup, { groupId, members: [{ memberId }] }, LEAVE_TIMEOUT_MS);
}

function sendJoin(coordinator: GroupCoordinator, options: JoinOptions, memberId: string) {
  const { groupId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignor } = options;
  return coordinator.member(
    calls.joinGroup,
    {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      groupInstanceId,
      protocolType: PROTOCOL_TYPE,
      protocols: [{ name: assignor.name, metadata: assignor.metadata() }],
    },
    rebalanceTimeoutMs + JOIN_MARGIN_MS,
  );
}

async function assign(
  cluster: Cluster,
  assignor: GroupAssignor,
  topics: readonly string[],
  members: readonly JoinedMember[],
) {
  const described = await describeTopics(cluster, topics);
  const counts = new Map(described.map(({ topic, partitions }) => [topic, partitions.length]));
  const assigned = await assignor.assign(members, counts);
  return members.map(({ memberId }) => {
    const assignment = assigned.get(memberId);
    if (assignment === undefined) throw new Error(`assignor ${assignor.name} gave member ${memberId} no assignment`);
    return { memberId, assignment };
  });
}
