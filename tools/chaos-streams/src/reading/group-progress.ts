import { errorName, offsetFetchApi } from '@playhead/kafka-protocol';
import { BrokerConnection } from './broker-connection.ts';
import { endOffset, readPartition } from './read-partition.ts';

/** A partition of an input. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

const POLL_MS = 200;

/** How far the application has committed. Asks the broker itself; one that is away is asked again. */
export class GroupProgress {
  readonly #groupId: string;
  readonly #port: () => number;
  #connection: BrokerConnection | undefined;

  constructor(groupId: string, port: () => number) {
    this.#groupId = groupId;
    this.#port = port;
  }

  /** Where the partitions end now; what is not decided yet does not count. */
  async ends(places: readonly Place[], signal: AbortSignal): Promise<readonly number[]> {
    return this.#asking(signal, async (connection) => {
      const ends: number[] = [];
      for (const { topic, partition } of places) ends.push(await endOffset(connection, topic, partition));
      return ends;
    });
  }

  /** Waits until the group has committed `targets`. Gives the places where it had not when `signal` was aborted. */
  async waitUntilCommitted(
    places: readonly Place[],
    targets: readonly number[],
    signal: AbortSignal,
  ): Promise<readonly Place[]> {
    let behind = places;
    while (!signal.aborted) {
      const committed = await this.#asking(signal, (connection) => this.#committed(connection, places)).catch(() => []);
      behind = places.filter((_, index) => (committed[index] ?? -1) < (targets[index] ?? 0));
      if (behind.length === 0) return [];
      await pause(POLL_MS);
    }
    return behind;
  }

  /** Waits until nothing that a reader would get lies behind the committed offset. */
  async waitUntilRead(places: readonly Place[], signal: AbortSignal): Promise<readonly Place[]> {
    let behind = places;
    while (!signal.aborted && behind.length > 0) {
      behind = await this.#asking(signal, (connection) => this.#unread(connection, places)).catch(() => places);
      if (behind.length > 0) await pause(POLL_MS);
    }
    return behind;
  }

  close(): void {
    this.#connection?.close();
  }

  async #unread(connection: BrokerConnection, places: readonly Place[]): Promise<readonly Place[]> {
    const committed = await this.#committed(connection, places);
    const unread: Place[] = [];
    for (const [index, place] of places.entries()) {
      const { records } = await readPartition(
        connection,
        place.topic,
        place.partition,
        Math.max(0, committed[index] ?? 0),
      );
      if (records.length > 0) unread.push(place);
    }
    return unread;
  }

  async #committed(connection: BrokerConnection, places: readonly Place[]): Promise<number[]> {
    const names = [...new Set(places.map(({ topic }) => topic))];
    const answer = await connection.send(offsetFetchApi, 5, {
      groupId: this.#groupId,
      topics: names.map((name) => ({
        name,
        partitionIndexes: places.filter(({ topic }) => topic === name).map(({ partition }) => partition),
      })),
    });
    if (answer.errorCode !== 0) throw new Error(`offsets of ${this.#groupId}: ${errorName(answer.errorCode)}`);
    return places.map(
      ({ topic, partition }) =>
        answer.topics
          .find(({ name }) => name === topic)
          ?.partitions.find(({ partitionIndex }) => partitionIndex === partition)?.committedOffset ?? -1,
    );
  }

  async #asking<T>(signal: AbortSignal, ask: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        this.#connection ??= await BrokerConnection.connect(this.#port());
        return await ask(this.#connection);
      } catch (error) {
        this.#connection?.close();
        this.#connection = undefined;
        if (signal.aborted) throw error;
        await pause(POLL_MS);
      }
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
