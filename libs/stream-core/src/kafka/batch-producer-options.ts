import type { RefusalPolicy } from './refused-records.ts';

/** How a `BatchProducer` batches and how long it tries. */
export interface BatchProducerOptions {
  /** How long a batch waits for company. Default 2; 0: until the event loop's next turn. */
  readonly lingerMs?: number;
  /** Topics whose records nobody waits for: they wait `patienceMs` in place of `lingerMs`, unless a flush, a batch that is full or somebody in a hurry sends them before. Default none. */
  readonly patientTopics?: ReadonlySet<string>;
  /** Default 25. */
  readonly patienceMs?: number;
  /** A batch of several records never grows beyond it. Default 128 KiB. */
  readonly maxBatchBytes?: number;
  /** `append` returns false above it. Default 32 MiB. */
  readonly maxBufferedBytes?: number;
  /** Batches of one partition on the wire: 1 to 5 (Kafka remembers five sequences). Default 5. */
  readonly maxInFlight?: number;
  /** From `append` to acknowledgement; after that the batch fails, but a request that is out is waited for up to the client's `requestTimeoutMs`. Default: the client's `retryTimeoutMs`. */
  readonly deliveryTimeoutMs?: number;
  /** Default none. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** Asked about what is refused for good, or not delivered in time. Default: it fails. */
  readonly onRefused?: RefusalPolicy;
  /** Called after each answer that moved `acknowledged` or failed a batch. Must not throw. */
  readonly onProgress?: () => void;
}

/** What `appendForResult` returns: the record's offset is `await batch` + `index`. */
export interface AppendReceipt {
  /** One promise per batch: the offset of its first record, −1 if unknown (a duplicate). Rejects with `BrokerError`. */
  readonly baseOffset: Promise<number>;
  readonly index: number;
}
