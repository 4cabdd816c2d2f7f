import type { ProcessorContext } from '../processor/processor-context.ts';

/** What a value transformer knows of its task. */
export type ValueTransformerContext = Omit<ProcessorContext<never, never>, 'forward' | 'schedule' | 'requestCommit'>;

/**
 * Makes the value of a row from the row before, for `KTable.transformValues`. One instance per task and node that needs the values, so fields need no locking; `init` is called before the first row. The
 * same row may be transformed more than once (for its old value, for a join that reads it), so what it gives must not depend on how often it was asked.
 */
export interface ValueTransformer<K, V, VR> {
  init?(context: ValueTransformerContext): void;
  /** `value` null: the row was deleted. Null: there is no row. */
  transform(value: V | null, key: K): VR | null;
  close?(): void;
}
