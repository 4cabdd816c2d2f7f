import { StreamsError, TopologyError } from '../errors.ts';
import type {
  Cancellable,
  FixedKeyProcessorContext,
  ProcessorContext,
  PunctuationType,
  Punctuator,
} from '../processor/processor-context.ts';
import type { Processor } from '../processor/processor.ts';
import { RecordContext } from '../processor/record-context.ts';
import type { RecordMetadata, StreamRecord } from '../processor/stream-record.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StoreBuilder } from '../state/store-builder.ts';

/** A record that a processor forwarded. */
export interface CapturedForward<K, V> {
  readonly record: StreamRecord<K, V>;
  /** Undefined: to all children. */
  readonly childName: string | undefined;
}

/** A punctuator that a processor scheduled; `punctuator(timestamp)` runs it. */
export class CapturedPunctuator implements Cancellable {
  readonly intervalMs: number;
  readonly type: PunctuationType;
  readonly punctuator: Punctuator;
  isCancelled = false;

  constructor(intervalMs: number, type: PunctuationType, punctuator: Punctuator) {
    this.intervalMs = intervalMs;
    this.type = type;
    this.punctuator = punctuator;
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

/** Where the processor believes to be. */
export interface MockProcessorContextOptions {
  /** Default `app`. */
  readonly applicationId?: string | undefined;
  /** Default `0_0`. */
  readonly taskId?: string | undefined;
  /** Default 0. */
  readonly partition?: number | undefined;
}

/**
 * A context for unit tests of a processor without a topology: takes down what it forwards, schedules and asks for. Time stands still until it is set; punctuators run when the test calls them.
 */
export class MockProcessorContext<K, V> implements ProcessorContext<K, V> {
  readonly applicationId: string;
  readonly taskId: string;
  readonly partition: number;
  /** Set it to say where the record came from. Default undefined. */
  recordMetadata: RecordMetadata | undefined;
  /** The processor asked for a commit; set it back with `resetCommit`. */
  committed = false;
  readonly #forwards: CapturedForward<K, V>[] = [];
  readonly #punctuators: CapturedPunctuator[] = [];
  readonly #stores = new Map<string, StateStore>();
  #streamTimeMs = -1;
  #systemTimeMs = 0;
  readonly #record = new RecordContext();

  constructor({ applicationId = 'app', taskId = '0_0', partition = 0 }: MockProcessorContextOptions = {}) {
    this.applicationId = applicationId;
    this.taskId = taskId;
    this.partition = partition;
  }

  /** All that was scheduled, cancelled ones too. */
  get scheduledPunctuators(): readonly CapturedPunctuator[] {
    return this.#punctuators;
  }

  /** Gives the processor a record as a task would: a store that is written without a timestamp takes the record's. */
  process<KIn, VIn>(processor: Processor<KIn, VIn, K, V>, record: StreamRecord<KIn, VIn>): void {
    this.#record.timestamp = record.timestamp;
    this.#record.headers = record.headers;
    processor.process(record);
  }

  /** What was forwarded since the last reset, in order: everything, or what the child of that name would have got. */
  forwarded(childName?: string): readonly CapturedForward<K, V>[] {
    if (childName === undefined) return [...this.#forwards];
    return this.#forwards.filter((forward) => forward.childName === undefined || forward.childName === childName);
  }

  resetForwards(): void {
    this.#forwards.length = 0;
  }

  resetCommit(): void {
    this.committed = false;
  }

  setCurrentStreamTimeMs(timeMs: number): void {
    this.#streamTimeMs = timeMs;
  }

  setCurrentSystemTimeMs(timeMs: number): void {
    this.#systemTimeMs = timeMs;
  }

  /** Makes a store, opens it without a changelog and connects it. Only for serdes that are ready at once. */
  addStateStore<S extends StateStore>(builder: StoreBuilder<S>): S {
    const topic = `${this.applicationId}-${builder.name}-changelog`;
    const store = builder.build({
      key: builder.keySerde.open({ topic, part: 'key' }),
      value: builder.valueSerde.open({ topic, part: 'value' }),
    });
    store.init({
      taskId: this.taskId,
      changelog: undefined,
      countDropped: () => {},
      record: this.#record,
      freezeValues: builder.mutates !== true,
    });
    this.#stores.set(builder.name, store);
    return store;
  }

  forward(record: StreamRecord<K, V>, childName?: string): void {
    this.#forwards.push({ record, childName });
  }

  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator): CapturedPunctuator {
    const captured = new CapturedPunctuator(intervalMs, type, punctuator);
    this.#punctuators.push(captured);
    return captured;
  }

  getStateStore<S extends StateStore>(name: string): S {
    const store = this.#stores.get(name);
    if (store === undefined) {
      throw new TopologyError(`there is no store ${name}; add it with addStateStore`, { context: { store: name } });
    }
    return store as S;
  }

  requestCommit(): void {
    this.committed = true;
  }

  currentStreamTimeMs(): number {
    return this.#streamTimeMs;
  }

  currentSystemTimeMs(): number {
    return this.#systemTimeMs;
  }
}

const NO_KEY: unique symbol = Symbol('no key');

/** As `MockProcessorContext` for a fixed-key processor: what it forwards must have the key that `process` gave it. */
export class MockFixedKeyProcessorContext<K, V>
  extends MockProcessorContext<K, V>
  implements FixedKeyProcessorContext<K, V>
{
  #key: unknown = NO_KEY;

  override process<KIn, VIn>(processor: Processor<KIn, VIn, K, V>, record: StreamRecord<KIn, VIn>): void {
    this.#key = record.key;
    try {
      super.process(processor, record);
    } finally {
      this.#key = NO_KEY;
    }
  }

  /** Throws `StreamsError` (STREAMS_PROCESSOR) for another key, and outside `process`, where there is none: as a task does. */
  override forward(record: StreamRecord<K, V>, childName?: string): void {
    if (record.key !== this.#key) {
      throw new StreamsError(
        'STREAMS_PROCESSOR',
        this.#key === NO_KEY
          ? `forward of key ${String(record.key)} outside MockFixedKeyProcessorContext.process: no record is in progress`
          : `a fixed-key processor forwards key ${String(record.key)}; allowed: ${String(this.#key)}, which it was given`,
      );
    }
    super.forward(record, childName);
  }
}
