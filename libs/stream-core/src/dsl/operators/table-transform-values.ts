import type { TaskContext } from '../../processor/task-context.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { MaterializedOptions, NamedOptions, ProcessOptions } from '../options.ts';
import type { TableHandle } from '../table-handle.ts';
import type { ValueTransformer, ValueTransformerContext } from '../value-transformer.ts';
import { deriveTable } from './derived-table.ts';
import type { RowDeriver } from './derived-table.ts';

/** Replaces the value of each row by a transformer that may keep state of its own; it sees deletes too. Without a store name, whoever reads the table transforms anew, with a transformer of its own. */
export function transformTableValues(
  table: TableHandle,
  supplier: () => ValueTransformer<unknown, unknown, unknown>,
  options: NamedOptions & ProcessOptions & MaterializedOptions<unknown, unknown>,
): TableHandle {
  return deriveTable(table, {
    prefix: 'KTABLE-TRANSFORMVALUES-',
    deriverIn: (context) => deriverOf(supplier(), context),
    stores: options.stores,
    options,
    value: undefined,
    skipsNothingToNothing: false,
    takesStoreNumber: false,
  });
}

function deriverOf(transformer: ValueTransformer<unknown, unknown, unknown>, task: TaskContext): RowDeriver {
  const context: ValueTransformerContext = {
    applicationId: task.applicationId,
    taskId: task.taskId,
    partition: task.partition,
    get recordMetadata() {
      return task.record.metadata;
    },
    getStateStore: <S extends StateStore>(name: string) => task.store(name) as S,
    currentStreamTimeMs: () => task.streamTimeMs,
    currentSystemTimeMs: () => task.now(),
  };
  transformer.init?.(context);
  return { derive: (value, key) => transformer.transform(value, key), close: () => transformer.close?.() };
}
