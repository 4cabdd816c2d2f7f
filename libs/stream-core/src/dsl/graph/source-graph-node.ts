import type { TimestampExtractor } from '../../processor/timestamp-extractor.ts';
import type { Serde } from '../../serde/serde.ts';
import type { OffsetReset } from '../../topology/offset-reset.ts';
import type { TopologyGraph } from '../../topology/topology-graph.ts';
import { GraphNode } from './graph-node.ts';

/** How a source reads. */
export interface SourceReading {
  readonly topics: readonly string[];
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly timestampExtractor: TimestampExtractor<unknown, unknown> | undefined;
  readonly offsetReset?: OffsetReset | undefined;
}

/** `stream()`. Two of them on equal topics become one. */
export class StreamSourceGraphNode extends GraphNode {
  readonly reading: SourceReading;

  constructor(name: string, reading: SourceReading) {
    super(name);
    this.reading = reading;
  }

  override writeTo(topology: TopologyGraph): void {
    topology.addSource({ name: this.name, ...this.reading });
  }
}
