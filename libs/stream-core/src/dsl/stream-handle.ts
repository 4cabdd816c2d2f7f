import { TopologyError } from '../errors.ts';
import type { Serde } from '../serde/serde.ts';
import type { GraphNode } from './graph/graph-node.ts';
import type { LogicalGraph } from './graph/logical-graph.ts';
import type { RepartitionGraphNode } from './graph/repartition-graph-node.ts';

/** What a `KStream` stands for. Operators make new ones; nothing but `repartition` is changed. */
export interface StreamHandle {
  readonly graph: LogicalGraph;
  /** The topology node it comes out of. */
  readonly name: string;
  readonly node: GraphNode;
  /** Undefined: the last operator changed the type, and nobody said how the new one is written. */
  readonly key: Serde<unknown> | undefined;
  readonly value: Serde<unknown> | undefined;
  /** Names of the sources its records come from, for co-partitioning. */
  readonly sources: ReadonlySet<string>;
  /** The key has changed since the records were partitioned. */
  readonly needsRepartition: boolean;
  /** The repartition step that a join on this very stream made, so that another join shares it. */
  repartition?: RepartitionGraphNode | undefined;
}

/** Gives the serde, or throws `TopologyError` that says who needs it, which call takes it (the one that failed unless `call` names another), and as which option. */
export function requireSerde(
  serde: Serde<unknown> | undefined,
  part: 'key' | 'value',
  who: string,
  call?: string,
  option: string = part,
): Serde<unknown> {
  if (serde !== undefined) return serde;
  const where = call === undefined ? '' : ` of ${call}`;
  throw new TopologyError(`${who}: no serde is known for its ${part}s; give it as the option \`${option}\`${where}`);
}
