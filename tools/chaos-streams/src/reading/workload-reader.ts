import { PARTITIONS } from '../workload.ts';
import { BrokerConnection } from './broker-connection.ts';
import { readPartition } from './read-partition.ts';
import type { LogRecord } from './read-partition.ts';

/** Reads topics of a run with read_committed, straight from the broker: one after another, since all at once are more than a process holds. */
export class WorkloadReader {
  readonly #connection: BrokerConnection;
  readonly #aborted = new Set<string>();

  private constructor(connection: BrokerConnection) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<WorkloadReader> {
    return new WorkloadReader(await BrokerConnection.connect(port));
  }

  /** All of a topic, each partition in order. */
  async read(topic: string): Promise<readonly LogRecord[]> {
    const all: LogRecord[][] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { records, aborted } = await readPartition(this.#connection, topic, partition);
      all.push([...records]);
      for (const transaction of aborted) this.#aborted.add(transaction);
    }
    return all.flat();
  }

  /** Transactions whose abort left a marker in what has been read. */
  get aborted(): number {
    return this.#aborted.size;
  }

  close(): void {
    this.#connection.close();
  }
}
