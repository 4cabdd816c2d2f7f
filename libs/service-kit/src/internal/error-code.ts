/**
 * The `code` of a system error, undefined when it has none. Looks at the property rather than at `instanceof Error`:
 * under Jest, Node's own errors come from another realm.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
