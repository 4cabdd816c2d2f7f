import type { MaterializedOptions, NamedOptions, Predicate } from '../options.ts';
import type { TableHandle } from '../table-handle.ts';
import { deriveTable } from './derived-table.ts';

/** Keeps the rows that the predicate accepts. A row that it rejects becomes a delete, also when it was never passed on before; the predicate sees no deletes. */
export function filterTable(
  table: TableHandle,
  predicate: Predicate<unknown, unknown>,
  negated: boolean,
  options: NamedOptions & MaterializedOptions<unknown, unknown>,
): TableHandle {
  const derive = (value: unknown, key: unknown): unknown =>
    value !== null && predicate(value, key) !== negated ? value : null;
  return deriveTable(table, {
    prefix: 'KTABLE-FILTER-',
    deriverIn: () => ({ derive }),
    options,
    value: table.value,
    skipsNothingToNothing: true,
    takesStoreNumber: true,
  });
}
