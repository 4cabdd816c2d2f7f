import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, isRetriable } from '@playhead/kafka-protocol';
import type { RawClient } from '@playhead/embedded-kafka/testing';
import { BrokerRefusal } from '../one-partition.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { BrokerProcess } from './broker-process.ts';
import type { Findings } from './findings.ts';
import type { InFlight } from './in-flight.ts';

/** What a load works with. */
export interface LoadContext {
  readonly broker: BrokerProcess;
  readonly findings: Findings;
  readonly inFlight: InFlight;
  readonly random: SeededRandom;
  /** No new work after this; what is under way is finished. */
  readonly stopping: AbortSignal;
}

/** A kind of clients that work while the broker is killed. */
export interface Load {
  readonly name: string;
  /** Works until `stopping`, through all restarts; resolves when nothing is unanswered any more. */
  run(): Promise<void>;
  /** Compares what is in the broker with what was acknowledged. */
  check(client: RawClient): Promise<void>;
  /** What was done, for the report. */
  describe(): string;
}

/** Beyond this a broker that serves is taken to answer never. */
const ANSWER_LIMIT_MS = 30_000;
const RETRY_MS = 5;

/** Whatever happens to a connection looks the same to a client: the answer does not come. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
    this.name = 'NoAnswer';
  }
}

/** One client's connection, dialled again after every loss. */
export class Connection {
  readonly #broker: BrokerProcess;
  #client: RawClient | undefined;

  constructor(broker: BrokerProcess) {
    this.#broker = broker;
  }

  /** Asks once. Rejects with {@link NoAnswer} when the connection is lost, with `BrokerRefusal` as the request does. */
  async ask<T>(request: (client: RawClient) => Promise<T>): Promise<T> {
    const client = (this.#client ??= await this.#broker.connect());
    try {
      return await withLimit(request(client));
    } catch (error) {
      if (error instanceof BrokerRefusal) throw error;
      if (this.#client === client) this.#client = undefined;
      void client.close();
      throw error instanceof Error && error.message.includes('connection') ? new NoAnswer(error) : error;
    }
  }

  /** Asks until there is an answer that is not retriable. For what may be asked twice. */
  async askUntilAnswered<T>(request: (client: RawClient) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.ask(request);
      } catch (error) {
        if (!(error instanceof NoAnswer) && !isWorthRetrying(error)) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}

/** Whether the broker asks for patience. */
export function isWorthRetrying(error: unknown): boolean {
  return (
    error instanceof BrokerRefusal && (isRetriable(error.code) || error.code === ErrorCode.CONCURRENT_TRANSACTIONS)
  );
}

async function withLimit<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer from a broker that serves within ${ANSWER_LIMIT_MS} ms`)),
      ANSWER_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
