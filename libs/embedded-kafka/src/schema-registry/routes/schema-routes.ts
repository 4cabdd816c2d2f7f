import { refuse } from '../registry-error.ts';
import { flag, idParam } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';

/** `/schemas`: what an id stands for. */
export function schemaRoutes(registry: SchemaRegistry): readonly Route[] {
  const { store } = registry;
  const text = (request: RouteRequest): string => {
    const id = idParam(request);
    const found = store.text(id);
    if (found === undefined) {
      throw refuse.schemaNotFound(id);
    }
    return found;
  };
  const uses = (request: RouteRequest): { subject: string; version: number }[] => {
    text(request);
    const id = idParam(request);
    const options = { deleted: flag(request, 'deleted') };
    return store
      .subjects(options)
      .flatMap((subject) =>
        store.versions(subject, options).flatMap((one) => (one.id === id ? [{ subject, version: one.version }] : [])),
      );
  };
  return [
    { method: 'GET', path: '/schemas/types', handle: () => ['AVRO'] },
    {
      method: 'GET',
      path: '/schemas/ids/:id',
      handle: (request) => ({
        schema: text(request),
        ...(flag(request, 'fetchMaxId') ? { maxId: store.nextId - 1 } : {}),
      }),
    },
    { method: 'GET', path: '/schemas/ids/:id/schema', handle: (request) => JSON.parse(text(request)) as unknown },
    { method: 'GET', path: '/schemas/ids/:id/versions', handle: uses },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      handle: (request) => [...new Set(uses(request).map(({ subject }) => subject))],
    },
  ];
}
