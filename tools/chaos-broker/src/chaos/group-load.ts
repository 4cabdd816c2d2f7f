import {
  ErrorCode,
  heartbeatApi,
  joinGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
} from '@playhead/kafka-protocol';
import type { RawClient } from '@playhead/embedded-kafka/testing';
import { BrokerRefusal, readToEnd } from '../one-partition.ts';
import { Connection, isWorthRetrying, type Load, type LoadContext, NoAnswer } from './load.ts';
import { ORDERED_PARTITIONS, ORDERED_TOPIC } from './ordered-load.ts';

const GROUP = 'readers';
const MEMBERS = 2;

/** What makes a member join again; everything else is a mistake. */
const JOIN_AGAIN: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.REBALANCE_IN_PROGRESS,
]);

interface Membership {
  readonly memberId: string;
  readonly generationId: number;
  readonly partitions: readonly number[];
}

/** Members of one group, which read the ordered topic and commit what they have read. */
export class GroupLoad implements Load {
  readonly name = 'a consumer group';
  readonly #context: LoadContext;
  /** By partition: the greatest offset whose commit was acknowledged. */
  readonly #committed: number[] = Array.from({ length: ORDERED_PARTITIONS }, () => 0);
  /** By partition: what somebody has read at an offset. */
  readonly #seen = Array.from({ length: ORDERED_PARTITIONS }, () => new Map<number, string | null>());
  #commits = 0;
  #joins = 0;

  constructor(context: LoadContext) {
    this.#context = context;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: MEMBERS }, () => this.#member()));
  }

  async check(client: RawClient): Promise<void> {
    const partitions = this.#committed.map((_, partition) => partition);
    for (const [partition, offset] of await this.#offsets(client, partitions)) this.#checkOffset(partition, offset);
    for (const [partition, seen] of this.#seen.entries()) {
      const now = new Map(
        (await readToEnd(client, { topic: ORDERED_TOPIC, partition })).map((one) => [one.offset, one.value]),
      );
      for (const [offset, value] of seen) {
        if (now.get(offset) !== value)
          this.#context.findings.add('lost', `${value}, read at ${offset} of ${ORDERED_TOPIC}-${partition}`);
      }
    }
  }

  describe(): string {
    return `${this.#commits} commits, joined ${this.#joins} times`;
  }

  async #member(): Promise<void> {
    const connection = new Connection(this.#context.broker);
    let memberId = '';
    while (!this.#context.stopping.aborted) {
      try {
        const membership = await connection.ask((client) => this.#join(client, memberId));
        memberId = membership.memberId;
        await connection.ask((client) => this.#work(client, membership));
      } catch (error) {
        if (error instanceof NoAnswer || isWorthRetrying(error)) continue;
        if (!(error instanceof BrokerRefusal) || !JOIN_AGAIN.has(error.code)) throw error;
        if (error.code === ErrorCode.UNKNOWN_MEMBER_ID) memberId = '';
      }
    }
    await connection.close();
  }

  async #join(client: RawClient, knownId: string): Promise<Membership> {
    const request = {
      groupId: GROUP,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 1000,
      protocolType: 'consumer',
      protocols: [{ name: 'in turn', metadata: Buffer.alloc(0) }],
    };
    let joined = await client.send(joinGroupApi, 5, { ...request, memberId: knownId });
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      joined = await client.send(joinGroupApi, 5, { ...request, memberId: joined.memberId });
    }
    check('JoinGroup', joined.errorCode);
    const { memberId, generationId, members } = joined;
    // Only the leader is told the members; every member gets a part of the partitions.
    const assignments = members.map((member, index) => ({
      memberId: member.memberId,
      assignment: Buffer.from(
        this.#committed.map((_, partition) => partition).filter((one) => one % members.length === index),
      ),
    }));
    const synced = await client.send(syncGroupApi, 3, { groupId: GROUP, generationId, memberId, assignments });
    check('SyncGroup', synced.errorCode);
    this.#joins++;
    return { memberId, generationId, partitions: [...synced.assignment] };
  }

  /** Reads and commits until something ends the generation. */
  async #work(client: RawClient, { memberId, generationId, partitions }: Membership): Promise<void> {
    const positions = new Map(await this.#offsets(client, partitions));
    for (const [partition, offset] of positions) this.#checkOffset(partition, offset);
    while (!this.#context.stopping.aborted) {
      const beat = await client.send(heartbeatApi, 3, { groupId: GROUP, generationId, memberId });
      check('Heartbeat', beat.errorCode);
      for (const [partition, position] of positions) {
        const where = { topic: ORDERED_TOPIC, partition };
        const records = await readToEnd(client, where, position);
        for (const { offset, value } of records) this.#seen[partition]!.set(offset, value);
        const next = (records.at(-1)?.offset ?? position - 1) + 1;
        if (next > position) await this.#commit(client, { memberId, generationId }, partition, next);
        positions.set(partition, next);
      }
    }
  }

  async #commit(
    client: RawClient,
    member: { readonly memberId: string; readonly generationId: number },
    partition: number,
    offset: number,
  ): Promise<void> {
    const partitions = [{ partitionIndex: partition, committedOffset: offset, committedMetadata: null }];
    const request = { groupId: GROUP, ...member, topics: [{ name: ORDERED_TOPIC, partitions }] };
    const { topics } = await this.#context.inFlight.during(() => client.send(offsetCommitApi, 7, request));
    check('OffsetCommit', topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR);
    this.#committed[partition] = Math.max(this.#committed[partition]!, offset);
    this.#commits++;
  }

  async #offsets(
    client: RawClient,
    partitionIndexes: readonly number[],
  ): Promise<readonly (readonly [number, number])[]> {
    const { topics } = await client.send(offsetFetchApi, 5, {
      groupId: GROUP,
      topics: [{ name: ORDERED_TOPIC, partitionIndexes }],
    });
    return (topics[0]?.partitions ?? []).map(({ partitionIndex, committedOffset, errorCode }) => {
      check('OffsetFetch', errorCode);
      // −1: nothing was committed yet.
      return [partitionIndex, Math.max(0, committedOffset)] as const;
    });
  }

  #checkOffset(partition: number, offset: number): void {
    const acknowledged = this.#committed[partition]!;
    if (offset < acknowledged) {
      this.#context.findings.add(
        'offsets-back',
        `${ORDERED_TOPIC}-${partition} at ${offset}, committed was ${acknowledged}`,
      );
    }
  }
}

function check(what: string, errorCode: number): void {
  if (errorCode !== ErrorCode.NONE) throw new BrokerRefusal(what, errorCode);
}
