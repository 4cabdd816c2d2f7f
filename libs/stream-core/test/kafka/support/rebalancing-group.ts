import {
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
} from '@playhead/kafka-protocol';
import type { ScriptedBroker } from './scripted-broker.ts';

/** A group coordinator with one member at most: each join makes a generation, and codes to answer can be queued per API. */
export class RebalancingGroup {
  generation = 0;
  /** Codes for the next answers of an API by name; when they are used up, 0. */
  readonly codes = new Map<string, number[]>();
  readonly joins: { memberId: string; generation: number }[] = [];
  readonly commits: { generationId: number; memberId: string; offsets: Record<string, number> }[] = [];
  #members = 0;

  constructor(broker: ScriptedBroker) {
    broker.on(joinGroupApi, ({ memberId, groupInstanceId }) => {
      const errorCode = this.#next('JoinGroup');
      if (errorCode !== 0) return { errorCode };
      if (memberId === '' && groupInstanceId === null) return { errorCode: 79, memberId: `member-${++this.#members}` };
      const id = memberId === '' ? `${groupInstanceId}-${++this.#members}` : memberId;
      this.joins.push({ memberId: id, generation: ++this.generation });
      return {
        errorCode,
        generationId: this.generation,
        protocolName: 'all',
        leader: id,
        memberId: id,
        members: [{ memberId: id, groupInstanceId, metadata: Buffer.alloc(0) }],
      };
    });
    broker.on(syncGroupApi, ({ assignments }) => ({
      errorCode: this.#next('SyncGroup'),
      assignment: assignments[0]?.assignment ?? Buffer.alloc(0),
    }));
    broker.on(heartbeatApi, () => ({ errorCode: this.#next('Heartbeat') }));
    broker.on(leaveGroupApi, ({ members }) => ({
      errorCode: 0,
      members: members.map(({ memberId }) => ({ memberId, errorCode: 0 })),
    }));
    broker.on(offsetCommitApi, ({ generationId, memberId, topics }) => {
      const errorCode = this.#next('OffsetCommit');
      const offsets = topics.flatMap(({ name, partitions }) =>
        partitions.map(
          ({ partitionIndex, committedOffset }) => [`${name}-${partitionIndex}`, committedOffset] as const,
        ),
      );
      if (errorCode === 0) this.commits.push({ generationId, memberId, offsets: Object.fromEntries(offsets) });
      return {
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      };
    });
    broker.on(offsetFetchApi, ({ topics }) => {
      const errorCode = this.#next('OffsetFetch');
      return {
        topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: partitionIndex === 0 ? 42 : -1,
            metadata: 'm',
            errorCode,
          })),
        })),
      };
    });
  }

  answer(api: string, ...codes: number[]): void {
    this.codes.set(api, codes);
  }

  #next(api: string): number {
    return this.codes.get(api)?.shift() ?? 0;
  }
}
