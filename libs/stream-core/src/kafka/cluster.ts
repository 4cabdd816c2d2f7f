import { ErrorCode } from '@playhead/kafka-protocol';
import { parseBrokerAddress } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerHealth, BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import { DEFAULT_REQUEST_TIMEOUT_MS } from './connection.ts';
import { BrokerError, brokerError, clientClosedError } from './errors.ts';
import { Metadata } from './metadata.ts';
import { retrying } from './retry.ts';
import { stderrLogger } from './stderr-logger.ts';
import type { KafkaClientOptions, Logger, TopicPartition } from './types.ts';

const DEFAULT_RETRY_TIMEOUT_MS = 120_000;

/** The cluster behind a `KafkaClient`: bootstrap, metadata, and sockets by purpose. Internal to this folder. */
export class Cluster {
  readonly metadata = new Metadata();
  readonly logger: Logger;
  readonly retryTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly #options: KafkaClientOptions;
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #health: BrokerHealth;
  /** One per fetcher, producer and member, until those are closed. */
  readonly #sockets = new Set<BrokerSockets>();
  readonly #admin: BrokerSockets;
  readonly #closing = new AbortController();
  #wantedTopics = new Set<string>();
  #queuedRefresh: Promise<void> | undefined;
  #lastRefresh: Promise<void> = Promise.resolve();

  constructor(options: KafkaClientOptions) {
    this.#options = options;
    this.#bootstrap = options.brokers.map(parseBrokerAddress);
    this.logger = options.logger ?? stderrLogger;
    this.retryTimeoutMs = options.retryTimeoutMs ?? DEFAULT_RETRY_TIMEOUT_MS;
    this.requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.#health = new BrokerHealth(this.logger);
    this.#admin = this.openSockets();
  }

  /** Aborted by `close`. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** A set of sockets for one purpose; give it back with `closeSockets`. */
  openSockets(): BrokerSockets {
    if (this.signal.aborted) throw clientClosedError();
    const sockets = new BrokerSockets(this.#options, this.#health);
    this.#sockets.add(sockets);
    return sockets;
  }

  closeSockets(sockets: BrokerSockets): void {
    this.#sockets.delete(sockets);
    sockets.close();
  }

  /** Asks one broker over the admin socket; no retry. */
  async ask<In, Out>(address: BrokerAddress, call: Call<In, Out>, request: In, timeoutMs?: number): Promise<Out> {
    const connection = await this.#admin.get(address);
    return connection.send(call, request, timeoutMs);
  }

  /** Asks whichever broker answers first in the order: connected ones, known ones, the bootstrap list. */
  async askAny<In, Out>(call: Call<In, Out>, request: In): Promise<Out> {
    const candidates = [...this.metadata.brokers, ...this.#bootstrap];
    candidates.sort(
      (a, b) => Number(this.#admin.opened(b) !== undefined) - Number(this.#admin.opened(a) !== undefined),
    );
    let failure: unknown = brokerError(ErrorCode.LEADER_NOT_AVAILABLE, 'no broker is known');
    for (const address of candidates) {
      try {
        return await this.ask(address, call, request);
      } catch (error) {
        failure = error;
        if (!(error instanceof BrokerError) || !error.retriable) throw error;
      }
    }
    throw failure;
  }

  /** Asks the controller, or any broker while none is known. */
  askController<In, Out>(call: Call<In, Out>, request: In, timeoutMs?: number): Promise<Out> {
    const { controller } = this.metadata;
    return controller === undefined ? this.askAny(call, request) : this.ask(controller, call, request, timeoutMs);
  }

  /** Brings metadata of `topics` up to date with one request however many ask at the same time. One attempt; rejects with `BrokerError` when no broker answers. */
  refresh(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) this.#wantedTopics.add(topic);
    this.#queuedRefresh ??= this.#lastRefresh.then(() => {
      this.#queuedRefresh = undefined;
      const wanted = this.#wantedTopics;
      this.#wantedTopics = new Set();
      return this.#fetchMetadata(wanted);
    });
    const queued = this.#queuedRefresh;
    this.#lastRefresh = queued.catch(() => undefined);
    return queued;
  }

  /** Leaders of partitions, grouped by broker. Throws a `BrokerError` to be retried after a refresh when one has none. */
  byLeader<P extends TopicPartition>(partitions: readonly P[]): Map<BrokerAddress, P[]> {
    const groups = new Map<BrokerAddress, P[]>();
    for (const partition of partitions) {
      const { topic } = partition;
      const leader = this.metadata.leaderOf(topic, partition.partition);
      if (leader === undefined) {
        const code = this.metadata.topic(topic)?.errorCode;
        throw brokerError(code === undefined || code === 0 ? ErrorCode.LEADER_NOT_AVAILABLE : code, 'leader', {
          topic,
          partition: partition.partition,
        });
      }
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [partition]);
      else group.push(partition);
    }
    return groups;
  }

  /** `retrying` within this client's time and life. */
  retrying<T>(attempt: (repetition: number) => Promise<T>): Promise<T> {
    return retrying(attempt, { timeoutMs: this.retryTimeoutMs, signal: this.signal });
  }

  close(): void {
    this.#closing.abort();
    for (const sockets of this.#sockets) sockets.close();
    this.#sockets.clear();
  }

  async #fetchMetadata(topics: ReadonlySet<string>): Promise<void> {
    const answer = await this.askAny(calls.metadata, {
      topics: Array.from(topics, (name) => ({ name })),
      allowAutoTopicCreation: false,
    });
    this.metadata.update(answer);
  }
}
