// Per leader two loops ("lanes"), each with a socket of its own and at most one request out:
//
//   claim what no other lane has out ──nothing──▶ sleep until woken (polled, added, resumed, placed)
//        ▲            │ something
//        │            ▼
//        │          fetch (the broker holds it up to maxWaitMs while there is nothing)
//        │            │ answer, or none
//        └────────────┴─ the other lane's request is out just now ─▶ wait until it is back and has claimed all ─▶ claim
//
// The second lane is for partitions that become fetchable while the first one's long poll is out: without it a busy
// partition, left out while over its budget, would wait for the idle ones' poll to end.
import { setImmediate } from 'node:timers/promises';
import type { fetchApi, ResponseOf } from '@playhead/kafka-protocol';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { brokerError } from './errors.ts';
import { FetchLeader } from './fetch-leader.ts';
import type { FetchPartition } from './fetch-partition.ts';
import { groupByTopic } from './partition-map.ts';

const LANES = 2;
/** Of an answer that are looked through in one turn of the event loop, unless a single partition has more. */
const MAX_TURN_BYTES = 512 * 1024;

type FetchAnswer = ResponseOf<typeof fetchApi>;
/** What an answer says of one partition. */
export type FetchAnswerPart = FetchAnswer['responses'][number]['partitions'][number];

/** The settings of a fetch request. */
export interface FetchLimits {
  readonly isolationLevel: 0 | 1;
  readonly maxWaitMs: number;
  readonly maxPartitionBytes: number;
  readonly maxResponseBytes: number;
  readonly maxBufferedPartitionBytes: number;
}

/** What the loops tell their fetcher. */
export interface FetchLoopEvents {
  /** False while the fetcher holds as much as it may. */
  mayFetch(): boolean;
  answered(leader: FetchLeader, partition: FetchPartition, part: FetchAnswerPart): void;
  /** The request failed, or what was left of its answer. The partitions are no longer claimed. */
  failed(leader: FetchLeader, partitions: readonly FetchPartition[], error: unknown): void;
}

/** Runs the fetch requests of all leaders. */
export class FetchLoops {
  readonly #cluster: Cluster;
  readonly #limits: FetchLimits;
  readonly #events: FetchLoopEvents;
  readonly #sockets: readonly BrokerSockets[];
  /** At most one entry per address the cluster has had. */
  readonly #leaders = new Map<string, FetchLeader>();
  readonly #running: Promise<void>[] = [];
  #closed = false;

  constructor(cluster: Cluster, limits: FetchLimits, events: FetchLoopEvents) {
    this.#cluster = cluster;
    this.#limits = limits;
    this.#events = events;
    this.#sockets = Array.from({ length: LANES }, () => cluster.openSockets());
  }

  /** The leader at an address; its loops start with it. */
  leaderAt(address: BrokerAddress): FetchLeader {
    const name = addressName(address);
    let leader = this.#leaders.get(name);
    if (leader === undefined) {
      leader = new FetchLeader(address);
      this.#leaders.set(name, leader);
      for (const [lane, sockets] of this.#sockets.entries()) this.#running.push(this.#run(leader, lane, sockets));
    }
    return leader;
  }

  wakeAll(): void {
    for (const leader of this.#leaders.values()) leader.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const sockets of this.#sockets) this.#cluster.closeSockets(sockets);
    this.wakeAll();
    await Promise.all(this.#running);
  }

  async #run(leader: FetchLeader, lane: number, sockets: BrokerSockets): Promise<void> {
    while (!this.#closed) {
      const claimed = this.#events.mayFetch() ? leader.claim(this.#limits.maxBufferedPartitionBytes) : [];
      leader.releaseWaiting();
      if (claimed.length === 0) {
        await leader.asleep();
        continue;
      }
      // Those that are not given back yet.
      const open = new Set(claimed);
      try {
        const connection = await sockets.get(leader.address);
        const timeoutMs = this.#limits.maxWaitMs + this.#cluster.requestTimeoutMs;
        leader.sent(lane, performance.now());
        const answer = await connection.send(calls.fetch, this.#request(claimed), timeoutMs);
        if (answer.errorCode !== 0) throw brokerError(answer.errorCode, 'fetch');
        await this.#deliver(leader, open, answer);
      } catch (error) {
        for (const partition of open) partition.inFlight = false;
        if (!this.#closed) this.#events.failed(leader, [...open], error);
      } finally {
        leader.returned(lane);
      }
      await leader.othersBack(performance.now());
    }
  }

  #request(partitions: readonly FetchPartition[]) {
    const { maxWaitMs, maxResponseBytes, maxPartitionBytes, isolationLevel } = this.#limits;
    return {
      maxWaitMs,
      minBytes: 1,
      maxBytes: maxResponseBytes,
      isolationLevel,
      topics: Array.from(groupByTopic(partitions), ([topic, group]) => ({
        topic,
        partitions: group.map(({ partition, fetchOffset }) => ({
          partition,
          fetchOffset,
          partitionMaxBytes: maxPartitionBytes,
        })),
      })),
    };
  }

  /**
   * What is delivered has its checksums compared: of a large answer a part in each turn of the event loop. The other lane gets what this one has given back
   * only through `claim`, so a partition never has two requests out. Takes out of `open` what it has given back.
   */
  async #deliver(leader: FetchLeader, open: Set<FetchPartition>, answer: FetchAnswer): Promise<void> {
    const parts = new Map(answer.responses.map(({ topic, partitions }) => [topic, partitions]));
    let turnBytes = 0;
    for (const partition of open) {
      const part = parts.get(partition.topic)?.find(({ partitionIndex }) => partitionIndex === partition.partition);
      const bytes = part?.records?.length ?? 0;
      if (turnBytes > 0 && turnBytes + bytes > MAX_TURN_BYTES) {
        await setImmediate();
        if (this.#closed) return;
        turnBytes = 0;
      }
      turnBytes += bytes;
      partition.inFlight = false;
      if (!partition.gone && part !== undefined) this.#events.answered(leader, partition, part);
      open.delete(partition);
    }
  }
}
