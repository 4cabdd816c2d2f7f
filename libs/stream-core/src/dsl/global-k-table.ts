import type { TableView } from './table-handle.ts';

/** A table that every instance holds whole, for joins by any key. Changes of it trigger nothing. */
export class GlobalKTable<K, V> {
  /** Name under which it can be queried; undefined: none was given. */
  readonly queryableStoreName: string | undefined;
  /** For the DSL itself. */
  readonly view: TableView;
  /** Only a type: keeps tables of different rows apart. */
  declare protected readonly row: { readonly key: K; readonly value: V };

  constructor(view: TableView, queryableStoreName: string | undefined) {
    this.view = view;
    this.queryableStoreName = queryableStoreName;
  }
}
