/** Makes room for one more entry: a table of `maxEntries` forgets the one that came first. Returns how many it forgot, 0 or 1. */
export function makeRoom(table: Map<string, unknown>, maxEntries: number): number {
  if (table.size < maxEntries) return 0;
  for (const first of table.keys()) return Number(table.delete(first));
  return 0;
}
