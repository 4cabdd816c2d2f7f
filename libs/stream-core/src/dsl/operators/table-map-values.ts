import type { MaterializedOptions, NamedOptions, ValueMapper } from '../options.ts';
import type { TableHandle } from '../table-handle.ts';
import { deriveTable } from './derived-table.ts';

/** Replaces the value of each row; the mapper sees no deletes. */
export function mapTableValues(
  table: TableHandle,
  mapper: ValueMapper<unknown, unknown, unknown>,
  options: NamedOptions & MaterializedOptions<unknown, unknown>,
): TableHandle {
  const derive = (value: unknown, key: unknown): unknown => (value === null ? null : mapper(value, key));
  return deriveTable(table, {
    prefix: 'KTABLE-MAPVALUES-',
    deriverIn: () => ({ derive }),
    options,
    value: undefined,
    skipsNothingToNothing: false,
    takesStoreNumber: true,
  });
}
