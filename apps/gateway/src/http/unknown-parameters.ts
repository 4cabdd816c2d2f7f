import type { Call, Route } from './route.ts';

const known = new WeakMap<Route, ReadonlySet<string>>();

/** How many parameters of a call's query its route does not document: it ignores them. */
export function unknownParameters(route: Route, { query }: Pick<Call, 'query'>): number {
  if (query.size === 0) return 0;
  const names = parametersOf(route);
  let count = 0;
  for (const name of query.keys()) if (!names.has(name)) count++;
  return count;
}

function parametersOf(route: Route): ReadonlySet<string> {
  let names = known.get(route);
  if (names === undefined) {
    const inQuery = (route.operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    names = new Set(inQuery.map(({ name }) => name));
    known.set(route, names);
  }
  return names;
}
