import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';
import { createTopic, produce, readToEnd } from '../one-partition.ts';

const WHERE = { topic: 'steady', partition: 0 };

/** A well-behaved client beside the attack: produces one record after another, reads each back and checks it. */
export class SteadyClient {
  records = 0;
  /** The longest time from a request to its answer. */
  longestMs = 0;
  readonly #client: RawClient;
  #stopped = false;
  readonly #running: Promise<void>;

  private constructor(client: RawClient) {
    this.#client = client;
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  static async start(port: number): Promise<SteadyClient> {
    const client = await RawClient.connect(port);
    await createTopic(client, WHERE.topic, 1);
    return new SteadyClient(client);
  }

  /** Rejects as soon as anything is not as it should be. */
  get running(): Promise<void> {
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#client.close();
  }

  /** Reads everything once more over a connection of its own. */
  async checkAll(port: number): Promise<void> {
    const client = await RawClient.connect(port);
    const read = await readToEnd(client, WHERE);
    await client.close();
    if (read.length !== this.records)
      throw new Error(`the steady topic has ${read.length} records, not ${this.records}`);
    for (const [i, { offset, value }] of read.entries()) {
      if (offset !== i || value !== `steady ${i}`) throw new Error(`at ${i} of the steady topic: ${offset} ${value}`);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const writer = new RecordBatchWriter();
      writer.append(Date.now(), null, `steady ${this.records}`);
      const offset = await this.#timed(() => produce(this.#client, WHERE, Buffer.from(writer.seal())));
      if (offset !== this.records) throw new Error(`a steady record got offset ${offset}, expected ${this.records}`);
      const read = await this.#timed(() => readToEnd(this.#client, WHERE, offset));
      if (read.length !== 1 || read[0]?.value !== `steady ${offset}`) {
        throw new Error(`read back at ${offset}: ${JSON.stringify(read)}`);
      }
      this.records++;
    }
  }

  async #timed<T>(call: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await call();
    this.longestMs = Math.max(this.longestMs, performance.now() - started);
    return result;
  }
}
