import { flag, subjectParam, versionParam } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';
import type { SchemaVersion } from '../schema-store.ts';

/** A version as `/subjects` shows it. */
export function describeVersion({ store }: SchemaRegistry, subject: string, { id, version }: SchemaVersion): object {
  return { subject, version, id, schema: store.text(id) };
}

/** `/subjects/…/versions/…`: one version of a subject. */
export function versionRoutes(registry: SchemaRegistry): readonly Route[] {
  const { store } = registry;
  const one = (request: RouteRequest): SchemaVersion =>
    registry.version(subjectParam(request), versionParam(request), { deleted: flag(request, 'deleted') });
  return [
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version',
      handle: (request) => describeVersion(registry, subjectParam(request), one(request)),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/schema',
      handle: (request) => JSON.parse(store.text(one(request).id) ?? 'null') as unknown,
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/referencedby',
      handle: (request) => {
        one(request);
        return [];
      },
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject/versions/:version',
      handle: (request) =>
        registry.deleteVersion(subjectParam(request), versionParam(request), { permanent: flag(request, 'permanent') }),
    },
  ];
}
