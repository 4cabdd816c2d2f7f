/** What is read committed or not. */
export type Isolation = 'read_committed' | 'read_uncommitted';

/** A record as a client hands it out. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** What a member of a group got from one poll, and what it is assigned after it. */
export interface Polled {
  readonly records: readonly ReadRecord[];
  readonly assignment: readonly number[];
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** Every operation that a client's driver knows: what it is asked for, what it answers. */
export interface Operations {
  /** Sends with the idempotent producer of this codec and transactional id, waits for all acknowledgements; answers the offsets in order. */
  readonly send: {
    readonly in: Partition & {
      readonly values: readonly string[];
      readonly codec?: string;
      /** A pause after every record. */
      readonly paceMs?: number;
      readonly transactionalId?: string;
    };
    readonly out: readonly number[];
  };
  readonly begin: { readonly in: { readonly transactionalId: string }; readonly out: null };
  readonly sendOffsets: {
    readonly in: Partition & { readonly transactionalId: string; readonly group: string; readonly offset: number };
    readonly out: null;
  };
  readonly commit: { readonly in: { readonly transactionalId: string }; readonly out: null };
  readonly abort: { readonly in: { readonly transactionalId: string }; readonly out: null };
  /** Reads a partition from an offset (default 0) to its end as it is now. */
  readonly read: {
    readonly in: Partition & { readonly isolation: Isolation; readonly from?: number };
    readonly out: readonly ReadRecord[];
  };
  /** The first offset whose record is not older than `time`, −1 where there is none. */
  readonly offsetForTime: { readonly in: Partition & { readonly time: number }; readonly out: number };
  /** Becomes a member of a group; one per driver. */
  readonly join: { readonly in: { readonly group: string; readonly topic: string }; readonly out: null };
  /** Takes what comes within so many milliseconds and commits it. */
  readonly poll: { readonly in: { readonly forMs: number }; readonly out: Polled };
  readonly leave: { readonly in: object; readonly out: null };
  readonly createTopic: {
    readonly in: {
      readonly topic: string;
      readonly partitions: number;
      readonly configs: Readonly<Record<string, string>>;
    };
    readonly out: null;
  };
  /** The number of partitions. */
  readonly describeTopic: { readonly in: { readonly topic: string }; readonly out: number };
  readonly listTopics: { readonly in: object; readonly out: readonly string[] };
  readonly describeConfig: { readonly in: { readonly topic: string; readonly name: string }; readonly out: string };
  readonly alterConfig: {
    readonly in: { readonly topic: string; readonly name: string; readonly value: string };
    readonly out: null;
  };
  readonly growTopic: { readonly in: { readonly topic: string; readonly partitions: number }; readonly out: null };
  readonly deleteRecords: { readonly in: Partition & { readonly before: number }; readonly out: null };
  readonly deleteTopic: { readonly in: { readonly topic: string }; readonly out: null };
  readonly listGroups: { readonly in: object; readonly out: readonly string[] };
  readonly describeGroup: {
    readonly in: { readonly group: string };
    readonly out: { readonly state: string; readonly members: number };
  };
  /** The committed offset, −1 where there is none. */
  readonly committed: { readonly in: Partition & { readonly group: string }; readonly out: number };
  readonly alterOffset: {
    readonly in: Partition & { readonly group: string; readonly offset: number };
    readonly out: null;
  };
  readonly deleteOffset: { readonly in: Partition & { readonly group: string }; readonly out: null };
  readonly deleteGroup: { readonly in: { readonly group: string }; readonly out: null };
  /** Starts the Kafka Streams application that counts values; see `java/StreamsApplication.java`. */
  readonly startStreams: {
    readonly in: {
      readonly application: string;
      readonly input: string;
      readonly output: string;
      readonly stateDirectory: string;
      readonly codec?: string;
      readonly failAt?: number;
    };
    readonly out: null;
  };
  readonly streamsState: {
    readonly in: object;
    readonly out: { readonly state: string; readonly tasks: number; readonly failures: number };
  };
  /** Closes the application and leaves its group; answers whether that was in time. */
  readonly stopStreams: { readonly in: object; readonly out: boolean };
}

/** The name of an operation. */
export type OperationName = keyof Operations;

/** One process of a client that does what it is told, one operation after another. */
export interface ClientDriver {
  /** Rejects with {@link OperationError} when the client said no. */
  call<Name extends OperationName>(operation: Name, request: Operations[Name]['in']): Promise<Operations[Name]['out']>;
  /** Ends the process at once, whatever it does. */
  kill(): Promise<void>;
}

/** How a client describes its error. */
export interface OperationFailure {
  readonly name: string;
  readonly message: string;
  /** Another producer with the same transactional id took over. */
  readonly fenced: boolean;
  /** Of a Schema Registry: the HTTP status and the registry's own code. */
  readonly status?: number;
  readonly code?: number;
}

/** A client's own error. */
export class OperationError extends Error {
  readonly failure: OperationFailure;

  constructor(failure: OperationFailure) {
    super(`${failure.name}: ${failure.message}`);
    this.name = 'OperationError';
    this.failure = failure;
  }
}
