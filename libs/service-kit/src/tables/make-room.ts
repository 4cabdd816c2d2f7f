/** Of a full table this part is forgotten at once. */
const SHARE = 256;

/**
 * Makes room for one more entry: a full table of `maxEntries` forgets those that came first, one or, in a large table, a
 * 256th of it. Returns how many. Many at once because finding the first one passes every place that a removed entry has left
 * behind; an iterator that is kept instead keeps every table alive that the map has outgrown.
 */
export function makeRoom(table: Map<string, unknown>, maxEntries: number): number {
  if (table.size < maxEntries) return 0;
  let left = Math.min(table.size, Math.max(1, Math.floor(maxEntries / SHARE)));
  const forgotten = left;
  for (const first of table.keys()) {
    if (left-- === 0) break;
    table.delete(first);
  }
  return forgotten;
}
