import { StreamsError, TopologyError } from '../errors.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Cancellable, ProcessorContext, PunctuationType, Punctuator } from './processor-context.ts';
import { ProcessorNode } from './processor-node.ts';
import type { FixedKeyProcessorSupplier, Processor, ProcessorSupplier } from './processor.ts';
import type { RecordMetadata, StreamRecord } from './stream-record.ts';
import type { TaskContext } from './task-context.ts';

/** The node of a user's processor. `stores` names the stores it may ask for; undefined: the topology has none connected to it. */
export function processorApiNode<KIn, VIn, KOut, VOut>(
  supplier: ProcessorSupplier<KIn, VIn, KOut, VOut> | FixedKeyProcessorSupplier<KIn, VIn, VOut>,
  fixedKey: boolean,
): ProcessorApiNode {
  return new ProcessorApiNode(supplier(), fixedKey);
}

/** No record is in progress, so a fixed-key processor has no key to forward. */
const NO_KEY: unique symbol = Symbol('no key');

/** Runs a `Processor`; here, and only here, a record becomes an object. */
export class ProcessorApiNode extends ProcessorNode {
  /** Stores that the topology connected. */
  stores: ReadonlySet<string> = new Set();
  readonly #processor: Processor<unknown, unknown>;
  readonly #fixedKey: boolean;
  #key: unknown = NO_KEY;

  constructor(processor: Processor<unknown, unknown>, fixedKey: boolean) {
    super();
    this.#processor = processor;
    this.#fixedKey = fixedKey;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#processor.init?.(new NodeContext(this, context));
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    const { record } = this.context;
    const outerTimestamp = record.timestamp;
    const outerKey = this.#key;
    record.timestamp = timestamp;
    this.#key = key;
    try {
      this.#processor.process({ key, value, timestamp, headers: record.headers });
    } finally {
      record.timestamp = outerTimestamp;
      this.#key = outerKey;
    }
  }

  override close(): void {
    this.#processor.close?.();
  }

  forwardRecord(
    { key, value, timestamp, headers }: StreamRecord<unknown, unknown>,
    childName: string | undefined,
  ): void {
    if (this.#fixedKey && key !== this.#key) {
      throw new StreamsError(
        'STREAMS_PROCESSOR',
        `fixed-key processor ${this.name} forwards another key than it was given`,
        {
          context: { node: this.name },
        },
      );
    }
    const { record } = this.context;
    const outerTimestamp = record.timestamp;
    const outerHeaders = record.headers;
    record.timestamp = timestamp;
    record.headers = headers;
    try {
      if (childName === undefined) this.forward(key, value, timestamp);
      else this.#forwardTo(childName, key, value, timestamp);
    } finally {
      record.timestamp = outerTimestamp;
      record.headers = outerHeaders;
    }
  }

  #childNamed(name: string): ProcessorNode | undefined {
    for (const child of this.children) if (child.name === name) return child;
    return undefined;
  }

  #forwardTo(childName: string, key: unknown, value: unknown, timestamp: number): void {
    const child = this.#childNamed(childName);
    if (child === undefined) {
      const names = this.children.map(({ name }) => name).join(', ') || 'none';
      throw new TopologyError(`${this.name} has no child ${childName}; its children: ${names}`);
    }
    try {
      child.process(key, value, timestamp);
    } catch (error) {
      this.context.handleError(child, error);
    }
  }
}

/** What the user's processor sees of its task. */
class NodeContext implements ProcessorContext<unknown, unknown> {
  readonly #node: ProcessorApiNode;
  readonly #task: TaskContext;

  constructor(node: ProcessorApiNode, task: TaskContext) {
    this.#node = node;
    this.#task = task;
  }

  get applicationId(): string {
    return this.#task.applicationId;
  }

  get taskId(): string {
    return this.#task.taskId;
  }

  get partition(): number {
    return this.#task.partition;
  }

  get recordMetadata(): RecordMetadata | undefined {
    return this.#task.record.metadata;
  }

  forward(record: StreamRecord<unknown, unknown>, childName?: string): void {
    this.#node.forwardRecord(record, childName);
  }

  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator): Cancellable {
    return this.#task.schedule(this.#node, intervalMs, type, punctuator);
  }

  getStateStore<S extends StateStore>(name: string): S {
    if (!this.#node.stores.has(name) && !this.#task.isGlobalStore(name)) {
      throw new TopologyError(
        `store ${name} is not connected to processor ${this.#node.name}; name it where the processor is added`,
        {
          context: { node: this.#node.name, store: name },
        },
      );
    }
    return this.#task.store(name) as S;
  }

  requestCommit(): void {
    this.#task.requestCommit();
  }

  currentStreamTimeMs(): number {
    return this.#task.streamTimeMs;
  }

  currentSystemTimeMs(): number {
    return this.#task.now();
  }
}
