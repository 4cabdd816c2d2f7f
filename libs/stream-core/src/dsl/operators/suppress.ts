import { StreamsError, TopologyError } from '../../errors.ts';
import { originOf, withOrigin } from '../../processor/record-origin.ts';
import { TableProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { Windowed } from '../../serde/windowed.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { SuppressBuffer } from '../../state/suppress-buffer.ts';
import { requireLegalName } from '../../topology/names.ts';
import type { GraphNode } from '../graph/graph-node.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import { requireSerde } from '../stream-handle.ts';
import type { SuppressOptions } from '../suppress-options.ts';
import type { TableGetter, TableHandle, TableSupplier, TableView } from '../table-handle.ts';

const PREFIX = 'KTABLE-SUPPRESS-';

/** What a suppress node goes by. */
interface Suppression {
  readonly storeName: string;
  /** From a change's time to its going. */
  readonly waitMs: number;
  /** A change's time is its window's end rather than its timestamp; deletes are left out: nobody has seen what they delete. */
  readonly untilWindowCloses: boolean;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly shutsDownWhenFull: boolean;
}

/**
 * Keeps the last change of each key back until its time is over by the node's own time, the greatest timestamp that reached it: nothing goes without new input. What goes has timestamp, headers
 * and origin of the last change. A full buffer sends its first changes early, or stops the task.
 */
class SuppressNode extends TableProcessorNode {
  readonly #suppression: Suppression;
  #buffer!: SuppressBuffer;
  #observedMs = -1;

  constructor(suppression: Suppression) {
    super();
    this.#suppression = suppression;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#buffer = context.store(this.#suppression.storeName) as SuppressBuffer;
  }

  override processChange(key: unknown, newValue: unknown, oldValue: unknown, timestamp: number): void {
    if (timestamp > this.#observedMs) this.#observedMs = timestamp;
    const { untilWindowCloses, waitMs } = this.#suppression;
    const buffer = this.#buffer;
    const timeMs = untilWindowCloses ? (key as Windowed<unknown>).endMs : timestamp;
    buffer.put(key, timeMs, { newValue, oldValue, origin: originOf(this.context.record, timestamp) });
    const expiryMs = this.#observedMs - waitMs;
    for (let { first } = buffer; first !== undefined && first.timeMs <= expiryMs; { first } = buffer) this.#sendFirst();
    if (!this.#isFull()) return;
    if (this.#suppression.shutsDownWhenFull) this.#refuse();
    while (this.#isFull() && buffer.first !== undefined) this.#sendFirst();
  }

  #isFull(): boolean {
    const { maxRecords, maxBytes } = this.#suppression;
    return this.#buffer.approximateEntries > maxRecords || this.#buffer.bytes > maxBytes;
  }

  #refuse(): never {
    const { maxRecords, maxBytes, storeName } = this.#suppression;
    const { approximateEntries, bytes } = this.#buffer;
    throw new StreamsError(
      'STREAMS_STATE_STORE',
      `the buffer of ${this.name} is full: ${approximateEntries} of ${maxRecords} records, ${bytes} of ${maxBytes} bytes`,
      { context: { store: storeName, node: this.name } },
    );
  }

  #sendFirst(): void {
    const buffer = this.#buffer;
    const { first } = buffer;
    if (first === undefined) return;
    const { key, newValue, oldValue, origin } = first;
    if (newValue !== null || !this.#suppression.untilWindowCloses) {
      withOrigin(this.context.record, origin, () =>
        this.forwardChange(key, newValue, oldValue, origin.timestamp, true),
      );
    }
    buffer.removeFirst();
  }
}

/** The table as it is known downstream: what waits still has its prior value. */
class SuppressedTable implements TableSupplier {
  readonly #parent: TableSupplier;
  readonly #suppression: Suppression;

  constructor(parent: TableSupplier, suppression: Suppression) {
    this.#parent = parent;
    this.#suppression = suppression;
  }

  create(): SuppressNode {
    return new SuppressNode(this.#suppression);
  }

  view(): TableView {
    const parent = this.#parent.view();
    const { storeName } = this.#suppression;
    return {
      storeNames: [storeName, ...parent.storeNames],
      getter: () => new SuppressedGetter(storeName, parent.getter()),
    };
  }

  enableSendingOldValues(force: boolean): boolean {
    return this.#parent.enableSendingOldValues(force);
  }
}

class SuppressedGetter implements TableGetter {
  foundTimestamp = -1;
  readonly #storeName: string;
  readonly #parent: TableGetter;
  #buffer!: SuppressBuffer;

  constructor(storeName: string, parent: TableGetter) {
    this.#storeName = storeName;
    this.#parent = parent;
  }

  init(context: TaskContext): void {
    this.#parent.init(context);
    this.#buffer = context.store(this.#storeName) as SuppressBuffer;
  }

  get(key: unknown): unknown {
    const buffered = this.#buffer.get(key);
    if (buffered !== undefined) {
      this.foundTimestamp = -1;
      return buffered.priorValue;
    }
    const value = this.#parent.get(key);
    this.foundTimestamp = this.#parent.foundTimestamp;
    return value;
  }
}

/** The grace of the nearest windowed aggregation above; the greatest where ways differ. Throws `TopologyError` when a way has none. */
function graceAbove(node: GraphNode, way: readonly string[]): number {
  if (node.windowGraceMs !== undefined) return node.windowGraceMs;
  if (node.parents.size === 0) {
    throw new TopologyError(
      `only windows close, and there are none above: ${way.toReversed().join(' -> ')}; allowed: WINDOW_CLOSES below a windowed aggregation`,
    );
  }
  return Math.max(...[...node.parents].map((parent) => graceAbove(parent, [...way, node.name])));
}

/** Attaches `suppress`. Throws `TopologyError` for a versioned table, and for WINDOW_CLOSES where no windowed aggregation is above. */
export function suppressTable(table: TableHandle, options: SuppressOptions<unknown, unknown>): TableHandle {
  const { graph, sources } = table;
  if (table.supplier.historyMs !== undefined) {
    throw new TopologyError(
      `table ${table.name} is versioned: its changes may come late, and suppress keeps the last that came`,
    );
  }
  const { name: given, maxRecords = Infinity, maxBytes = Infinity, logging = true, logConfig } = options;
  // A given name takes no number here, unlike everywhere else.
  const name = given === undefined ? graph.newProcessorName(PREFIX) : requireLegalName(given);
  const untilWindowCloses = options.until === 'WINDOW_CLOSES';
  const waitMs = options.until === 'TIME_LIMIT' ? options.limitMs : graceAbove(table.node, [name]);
  const storeName = given === undefined ? graph.newStoreName(PREFIX) : `${name}-store`;
  const key = requireSerde(options.key ?? table.key, 'key', `the buffer of ${name}`);
  const value = requireSerde(options.value ?? table.value, 'value', `the buffer of ${name}`);
  const builder: StoreBuilder = {
    name: storeName,
    kind: 'suppress-buffer',
    keySerde: key,
    valueSerde: value,
    loggingEnabled: logging,
    logConfig: { 'cleanup.policy': 'compact', ...logConfig },
    build: (codecs) => new SuppressBuffer({ name: storeName, ...codecs, countsBytes: maxBytes !== Infinity }),
  };
  const shutsDownWhenFull = untilWindowCloses || options.whenFull === 'SHUT_DOWN';
  const supplier = new SuppressedTable(table.supplier, {
    storeName,
    waitMs,
    untilWindowCloses,
    maxRecords,
    maxBytes,
    shutsDownWhenFull,
  });
  const node = new ProcessorGraphNode(name, { create: () => supplier.create(), ownStore: () => builder });
  graph.add(node, table.node);
  // For the value that is known downstream while a change waits.
  table.supplier.enableSendingOldValues(true);
  return { graph, name, node, key, value, sources, queryableName: undefined, supplier };
}
