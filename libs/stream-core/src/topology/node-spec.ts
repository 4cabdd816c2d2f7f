import type { ProcessorNode } from '../processor/processor-node.ts';
import type { TopicNameExtractor } from '../processor/sink-node.ts';
import type { TimestampExtractor } from '../processor/timestamp-extractor.ts';
import type { Serde } from '../serde/serde.ts';
import type { OffsetReset } from './offset-reset.ts';

/** A source as a topology holds it. */
export interface SourceSpec {
  readonly kind: 'source';
  readonly name: string;
  readonly parents: readonly [];
  /** Internal topics without the application id. */
  readonly topics: readonly string[];
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly timestampExtractor: TimestampExtractor<unknown, unknown> | undefined;
  /** Undefined: as the application says. */
  readonly offsetReset?: OffsetReset | undefined;
  /** The source of a global store: read by every instance, part of no task. */
  readonly isGlobal: boolean;
}

/** A processor as a topology holds it. */
export interface ProcessorSpec {
  readonly kind: 'processor';
  readonly name: string;
  readonly parents: readonly string[];
  /** Names of connected stores. */
  readonly stores: Set<string>;
  /** Makes the node of one task. */
  readonly create: () => ProcessorNode;
}

/** A sink as a topology holds it. */
export interface SinkSpec {
  readonly kind: 'sink';
  readonly name: string;
  readonly parents: readonly string[];
  readonly topic: string | TopicNameExtractor<unknown, unknown>;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly partitionKey: ((key: unknown) => string) | undefined;
  /** Of values that know their partition. */
  readonly partitionOf?: ((value: unknown) => number) | undefined;
}

/** Any node of a topology. */
export type NodeSpec = SourceSpec | ProcessorSpec | SinkSpec;
