import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { GroupCoordinator } from '../../src/groups/group-coordinator.ts';
import type { JoinResponse, SyncResponse } from '../../src/groups/group-member.ts';
import type { GroupSettings } from '../../src/groups/group-settings.ts';
import { silentLogger } from '../../src/logger.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A request to the coordinator and what became of it. */
export class Call<Response> {
  /** Undefined while it is parked. */
  response: Response | undefined;
  readonly #connection = new AbortController();

  constructor(start: (signal: AbortSignal) => Response | Promise<Response>) {
    const result = start(this.#connection.signal);
    if (result instanceof Promise) void result.then((response) => (this.response = response));
    else this.response = result;
  }

  get isParked(): boolean {
    return this.response === undefined;
  }

  /** The connection ends. */
  async disconnect(): Promise<void> {
    this.#connection.abort();
    await nextTurn();
  }
}

/** What a join may say differently from the default member. */
export interface JoinOptions {
  readonly memberId?: string;
  readonly instanceId?: string;
  readonly apiVersion?: number;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  /** Name to metadata, in order of preference. */
  readonly protocols?: Readonly<Record<string, string>>;
  readonly group?: string;
}

/** A member that has been through joins and syncs. */
export interface TestMember {
  readonly id: string;
  readonly generationId: number;
}

export const SESSION_MS = 10_000;
export const REBALANCE_MS = 60_000;

const coordinators: GroupCoordinator[] = [];
// Without it the offsets' files stay open in the worker for the rest of the run.
afterAll(() => {
  for (const coordinator of coordinators) coordinator.close();
});

/** A coordinator in virtual time, with requests that say only what matters to a test. All for group `g`. */
export class GroupHarness {
  readonly clock: VirtualClock;
  readonly coordinator: GroupCoordinator;
  /** Topics that exist, each with any number of partitions; a test may take one out. */
  readonly topics = new Set(['beats', 'plays']);
  #topicDeleted: (topic: string) => void = () => {};

  constructor(dataDir: string, settings: Partial<GroupSettings> = {}, clock = new VirtualClock()) {
    this.clock = clock;
    this.coordinator = new GroupCoordinator({
      dataDir,
      settings,
      clock,
      logger: silentLogger,
      topics: {
        hasPartition: (topic, partition) => this.topics.has(topic) && partition < 8,
        onTopicDeleted: (listener) => (this.#topicDeleted = listener),
      },
    });
    coordinators.push(this.coordinator);
  }

  deleteTopic(topic: string): void {
    this.topics.delete(topic);
    this.#topicDeleted(topic);
  }

  join(options: JoinOptions = {}): Call<JoinResponse> {
    const protocols = options.protocols ?? { range: 'subscription' };
    const request = {
      groupId: options.group ?? 'g',
      memberId: options.memberId ?? '',
      groupInstanceId: options.instanceId ?? null,
      sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_MS,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_MS,
      protocolType: options.protocolType ?? 'consumer',
      protocols: Object.entries(protocols).map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata) })),
      reason: null,
    };
    const client = { clientId: 'test', clientHost: '/127.0.0.1', apiVersion: options.apiVersion ?? 5 };
    const call = new Call((signal) => this.coordinator.join(request, { ...client, signal }));
    // The frame that metadata is a view of is the connection's: what outlives the request has to be a copy.
    for (const { metadata } of request.protocols) metadata.fill(0xff);
    return call;
  }

  /** Joins as a new dynamic member: asks for an id, then joins with it. */
  joinWithNewId(options: JoinOptions = {}): Call<JoinResponse> & { readonly memberId: string } {
    const memberId = this.join(options).response?.memberId ?? '';
    return Object.assign(this.join({ ...options, memberId }), { memberId });
  }

  sync(
    member: TestMember,
    assignments: Readonly<Record<string, string>> = {},
    instanceId?: string,
  ): Call<SyncResponse> {
    const request = {
      groupId: 'g',
      generationId: member.generationId,
      memberId: member.id,
      groupInstanceId: instanceId ?? null,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(assignments).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) })),
    };
    const call = new Call((signal) => this.coordinator.sync(request, signal));
    for (const { assignment } of request.assignments) assignment.fill(0xff);
    return call;
  }

  heartbeat(member: TestMember, instanceId?: string): number {
    const groupInstanceId = instanceId ?? null;
    return this.coordinator.heartbeat({
      groupId: 'g',
      generationId: member.generationId,
      memberId: member.id,
      groupInstanceId,
    });
  }

  leave(memberId: string, instanceId?: string): number {
    return this.coordinator.leave('g', { memberId, groupInstanceId: instanceId ?? null });
  }

  commitCheck(member: TestMember, instanceId?: string): number {
    const { id, generationId } = member;
    return this.coordinator.checkCommit('g', { memberId: id, generationId, groupInstanceId: instanceId ?? null });
  }

  state(): string {
    return this.coordinator.group('g')?.state ?? 'none';
  }

  /** A stable group of so many dynamic members, the leader first. Each has been assigned its place, `a0`, `a1`, … */
  async stable(size: number, options: JoinOptions = {}): Promise<TestMember[]> {
    const ids = [this.joinWithNewId(options).memberId];
    for (let i = 1; i < size; i++) {
      const memberId = this.joinWithNewId(options).memberId;
      ids.push(memberId);
      for (const id of ids.slice(0, -1)) this.join({ ...options, memberId: id });
    }
    const generationId = this.coordinator.group('g')?.generationId ?? -1;
    const members = ids.map((id) => ({ id, generationId }));
    const assignments = Object.fromEntries(ids.map((id, i) => [id, `a${i}`]));
    const calls = members.map((member) => this.sync(member, assignments));
    await nextTurn();
    if (this.state() !== 'Stable' || calls.some((call) => call.response?.errorCode !== ErrorCode.NONE)) {
      throw new Error(`the group is ${this.state()} instead of stable`);
    }
    return members;
  }
}

/** Lets parked requests be answered. */
export const answered = nextTurn;
