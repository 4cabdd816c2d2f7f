import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import type { GlobalStoreSpec, TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';
import type { SourceReading } from './source-graph-node.ts';

/** `table()`: a source and the processor that keeps the table. */
export class TableSourceGraphNode extends GraphNode {
  /** Set by the optimisation `reuse.ktable.source.topics`: the topic itself serves as the store's changelog. */
  reusesSourceTopic = false;
  readonly #sourceName: string;
  readonly #reading: SourceReading;
  readonly #create: () => ProcessorNode;
  readonly #store: () => StoreBuilder | undefined;

  constructor(
    name: string,
    parts: {
      sourceName: string;
      reading: SourceReading;
      create: () => ProcessorNode;
      /** Undefined: nobody needs the table's values. */
      store: () => StoreBuilder | undefined;
    },
  ) {
    super(name);
    this.#sourceName = parts.sourceName;
    this.#reading = parts.reading;
    this.#create = parts.create;
    this.#store = parts.store;
  }

  override writeTo(topology: TopologyGraph): void {
    topology.addSource({ name: this.#sourceName, ...this.#reading });
    topology.addProcessor({ name: this.name, parents: [this.#sourceName], create: this.#create });
    const builder = this.#store();
    if (builder === undefined) return;
    topology.addStore(builder);
    topology.connect(this.name, builder.name);
    const [topic] = this.#reading.topics;
    if (this.reusesSourceTopic && topic !== undefined) topology.sourceChangelogs.set(builder.name, topic);
  }
}

/** `globalTable()` and `addGlobalStore()`. */
export class GlobalTableGraphNode extends GraphNode {
  readonly #sourceName: string;
  readonly #reading: SourceReading;
  readonly #builder: StoreBuilder;
  readonly #supplier: GlobalStoreSpec['supplier'];

  constructor(
    name: string,
    parts: {
      sourceName: string;
      reading: SourceReading;
      builder: StoreBuilder;
      supplier?: GlobalStoreSpec['supplier'];
    },
  ) {
    super(name);
    this.#sourceName = parts.sourceName;
    this.#reading = parts.reading;
    this.#builder = parts.builder;
    this.#supplier = parts.supplier;
  }

  override writeTo(topology: TopologyGraph): void {
    const [topic = ''] = this.#reading.topics;
    const [builder, supplier] = [this.#builder, this.#supplier];
    const spec = { builder, topic, source: this.#sourceName, processor: this.name, supplier };
    topology.addGlobalStore(spec, this.#reading);
  }
}

/** `addStateStore()`. */
export class StateStoreGraphNode extends GraphNode {
  readonly #builder: StoreBuilder;

  constructor(builder: StoreBuilder) {
    super(builder.name);
    this.#builder = builder;
  }

  override writeTo(topology: TopologyGraph): void {
    topology.addStore(this.#builder);
  }
}
