import type { FixedKeyProcessorContext, ProcessorContext } from './processor-context.ts';
import type { StreamRecord } from './stream-record.ts';

/**
 * A processor of the user's own. One instance per task, so fields need no locking. `init` is called when the task's stores are restored and before
 * its first record; `close` when the task leaves this instance or the application ends. An error that is thrown goes to the processing handler.
 */
export interface Processor<KIn, VIn, KOut = unknown, VOut = unknown> {
  init?(context: ProcessorContext<KOut, VOut>): void;
  process(record: StreamRecord<KIn, VIn>): void;
  close?(): void;
}

/** As `Processor`, but it cannot change the key, so nothing downstream has to be repartitioned. */
export interface FixedKeyProcessor<K, VIn, VOut = unknown> {
  init?(context: FixedKeyProcessorContext<K, VOut>): void;
  process(record: StreamRecord<K, VIn>): void;
  close?(): void;
}

/** Makes the processor of one task; must give a new one at every call. */
export type ProcessorSupplier<KIn, VIn, KOut, VOut> = () => Processor<KIn, VIn, KOut, VOut>;

/** Makes the fixed-key processor of one task; must give a new one at every call. */
export type FixedKeyProcessorSupplier<K, VIn, VOut> = () => FixedKeyProcessor<K, VIn, VOut>;
