import { flag, page, schemaBody, subjectParam } from '../request-fields.ts';
import type { Route } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';
import { describeVersion } from './version-routes.ts';

/** `/subjects` and `/subjects/…/versions`: listing, registering, looking up, deleting. */
export function subjectRoutes(registry: SchemaRegistry): readonly Route[] {
  const { store } = registry;
  return [
    {
      method: 'GET',
      path: '/subjects',
      handle: (request) => {
        const prefix = request.query.get('subjectPrefix') ?? '';
        const deletedOnly = flag(request, 'deletedOnly');
        const live = new Set(store.subjects({ deleted: false }));
        const subjects = store
          .subjects({ deleted: deletedOnly || flag(request, 'deleted') })
          .filter((subject) => subject.startsWith(prefix) && !(deletedOnly && live.has(subject)));
        return page(request, subjects);
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject',
      handle: (request) => {
        const subject = subjectParam(request);
        const options = { deleted: flag(request, 'deleted') };
        return describeVersion(registry, subject, registry.lookup(subject, schemaBody(request).text, options));
      },
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject',
      handle: (request) => registry.deleteSubject(subjectParam(request), { permanent: flag(request, 'permanent') }),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions',
      handle: (request) => {
        const deletedOnly = flag(request, 'deletedOnly');
        const versions = registry
          .versions(subjectParam(request), { deleted: deletedOnly || flag(request, 'deleted') })
          .filter(({ deleted }) => deleted || !deletedOnly);
        return page(
          request,
          versions.map(({ version }) => version),
        );
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject/versions',
      handle: (request) => ({ id: registry.register(subjectParam(request), schemaBody(request)) }),
    },
  ];
}
