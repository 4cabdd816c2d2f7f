import { refuse } from '../registry-error.ts';
import { flag, idParam, page } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';
import { describeVersion } from './version-routes.ts';

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
    {
      method: 'GET',
      path: '/schemas',
      handle: (request) => {
        const prefix = request.query.get('subjectPrefix') ?? '';
        const options = { deleted: flag(request, 'deleted') };
        const subjects = store.subjects(options).filter((subject) => subject.startsWith(prefix));
        const all = subjects.flatMap((subject) => {
          const versions = store.versions(subject, options);
          const wanted = flag(request, 'latestOnly') ? versions.slice(-1) : versions;
          return wanted.map((version) => describeVersion(registry, subject, version));
        });
        return page(request, all);
      },
    },
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
    { method: 'GET', path: '/schemas/ids/:id/versions', handle: (request) => page(request, uses(request)) },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      handle: (request) => page(request, [...new Set(uses(request).map(({ subject }) => subject))]),
    },
  ];
}
