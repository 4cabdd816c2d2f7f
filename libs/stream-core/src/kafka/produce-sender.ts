import type { produceApi, ResponseOf } from '@playhead/kafka-protocol';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { BrokerConnection } from './connection.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError } from './errors.ts';
import { groupByTopic } from './partition-map.ts';
import type { ProduceBatch } from './produce-batch.ts';
import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';

const ALL_IN_SYNC_REPLICAS = -1;
/** Requests to one broker at a time; the broker works on one, the others hide the network. */
const MAX_REQUESTS_PER_BROKER = 5;

type ProduceAnswer = ResponseOf<typeof produceApi>;

/** A batch on its way. */
export interface Flight {
  readonly topic: string;
  readonly partition: number;
  readonly source: ProducePartition;
  readonly batch: ProduceBatch;
}

/** What became of a batch. */
export type FlightOutcome =
  | { readonly errorCode: number; readonly baseOffset: number }
  | { readonly lost: BrokerError };

/** How batches are written. */
export interface ProduceSenderOptions {
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly transactionalId: string | null;
}

/** Puts batches into requests, one batch of a partition per request, and takes the answers apart. */
export class ProduceSender {
  readonly #cluster: Cluster;
  #sockets: BrokerSockets;
  readonly #options: ProduceSenderOptions;
  readonly #landed: (flight: Flight, outcome: FlightOutcome) => void;
  readonly #answered: () => void;
  /** By address; at most one entry per broker the cluster has had. */
  readonly #requests = new Map<string, number>();

  constructor(
    cluster: Cluster,
    options: ProduceSenderOptions,
    events: { landed: (flight: Flight, outcome: FlightOutcome) => void; answered: () => void },
  ) {
    this.#cluster = cluster;
    this.#sockets = cluster.openSockets();
    this.#options = options;
    this.#landed = events.landed;
    this.#answered = events.answered;
  }

  /** Opens the socket that `send` needs. Rejects with `BrokerError`. */
  async connect(address: BrokerAddress): Promise<void> {
    await this.#sockets.get(address);
  }

  /**
   * Sends what may be sent. Returns the ready partitions whose leader is not known or not connected; the others that were
   * not sent wait for an answer, after which the producer calls again.
   */
  send(partitions: Iterable<ProducePartition>, identity: ProducerIdentity): ProducePartition[] {
    const unreachable: ProducePartition[] = [];
    const byLeader = new Map<string, { address: BrokerAddress; ready: ProducePartition[] }>();
    for (const partition of partitions) {
      if (!partition.isReady) continue;
      const address = this.#cluster.metadata.leaderOf(partition.topic, partition.partition);
      if (address === undefined || this.#sockets.opened(address) === undefined) {
        unreachable.push(partition);
        continue;
      }
      const name = addressName(address);
      const group = byLeader.get(name);
      if (group === undefined) byLeader.set(name, { address, ready: [partition] });
      else group.ready.push(partition);
    }
    for (const [name, { address, ready }] of byLeader) this.#sendTo(name, address, ready, identity);
    return unreachable;
  }

  /** Loses every connection: what flies lands at once as lost. */
  disconnect(): void {
    this.#cluster.closeSockets(this.#sockets);
    this.#sockets = this.#cluster.openSockets();
  }

  close(): void {
    this.#cluster.closeSockets(this.#sockets);
  }

  #sendTo(name: string, address: BrokerAddress, ready: readonly ProducePartition[], identity: ProducerIdentity): void {
    while ((this.#requests.get(name) ?? 0) < MAX_REQUESTS_PER_BROKER) {
      const connection = this.#sockets.opened(address);
      // Lost just now: what flies comes back, and then the producer sees that the rest is unreachable.
      if (connection === undefined) return;
      const flights: Flight[] = [];
      for (const source of ready) {
        if (!source.isReady) continue;
        const batch = source.launch(identity);
        if (batch !== undefined) flights.push({ topic: source.topic, partition: source.partition, source, batch });
      }
      if (flights.length === 0) return;
      this.#request(name, connection, flights);
    }
  }

  #request(name: string, connection: BrokerConnection, flights: readonly Flight[]): void {
    const { address } = connection;
    this.#requests.set(name, (this.#requests.get(name) ?? 0) + 1);
    const answer = connection.send(calls.produce, {
      transactionalId: this.#options.transactionalId,
      acks: ALL_IN_SYNC_REPLICAS,
      timeoutMs: this.#cluster.requestTimeoutMs,
      topicData: Array.from(groupByTopic(flights), ([topic, group]) => ({
        name: topic,
        partitionData: group.map(({ source, batch }) => ({
          index: source.partition,
          records: this.#seal(source, batch),
        })),
      })),
    });
    const land = (outcomeOf: (flight: Flight) => FlightOutcome): void => {
      this.#requests.set(name, (this.#requests.get(name) ?? 1) - 1);
      for (const flight of flights) this.#landed(flight, outcomeOf(flight));
      this.#answered();
    };
    answer.then(
      (response) => land((flight) => outcomeIn(response, flight, address)),
      (error: unknown) => land(() => ({ lost: lostError(error, address) })),
    );
  }

  #seal({ identity }: ProducePartition, { writer, sequence }: ProduceBatch): Buffer {
    return writer.seal({
      producerId: identity?.producerId ?? -1,
      producerEpoch: identity?.producerEpoch ?? -1,
      baseSequence: sequence,
      compression: this.#options.compression,
      isTransactional: this.#options.transactionalId !== null,
    });
  }
}

function outcomeIn(response: ProduceAnswer, { topic, partition }: Flight, address: BrokerAddress): FlightOutcome {
  const inTopic = response.responses.find(({ name }) => name === topic);
  const found = inTopic?.partitionResponses.find(({ index }) => index === partition);
  return found ?? { lost: lostError(new Error(`the answer leaves ${topic}-${partition} out`), address) };
}

function lostError(error: unknown, address: BrokerAddress): BrokerError {
  if (error instanceof BrokerError) return error;
  return new BrokerError(`produce to ${addressName(address)} failed`, {
    reason: 'CLIENT_FAILURE',
    recovery: 'fatal',
    cause: error,
  });
}
