import { refuse } from '../registry-error.ts';
import { flag, subjectParam } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import { isRegistryMode, REGISTRY_MODES } from '../schema-entry.ts';
import type { SchemaRegistry } from '../schema-registry.ts';

/** `/mode`: whether schemas may be registered and deleted, everywhere and in one subject. */
export function modeRoutes(registry: SchemaRegistry): readonly Route[] {
  const { store } = registry;
  const put = (subject: string | null, request: RouteRequest): object => {
    const given = request.body['mode'];
    const mode = typeof given === 'string' ? given.toUpperCase() : given;
    if (!isRegistryMode(mode)) {
      throw refuse.invalidMode(given, REGISTRY_MODES);
    }
    const taken = subject === null ? store.subjects({ deleted: false }) : store.versions(subject, { deleted: false });
    if (mode === 'IMPORT' && taken.length > 0 && !flag(request, 'force')) {
      throw refuse.notPermitted('Cannot import since found existing subjects');
    }
    registry.setMode(subject, mode);
    return { mode };
  };
  return [
    { method: 'GET', path: '/mode', handle: () => ({ mode: store.mode(null) }) },
    { method: 'PUT', path: '/mode', handle: (request) => put(null, request) },
    {
      method: 'DELETE',
      path: '/mode',
      handle: () => {
        const mode = store.mode(null);
        registry.setMode(null, null);
        return { mode };
      },
    },
    {
      method: 'GET',
      path: '/mode/:subject',
      handle: (request) => {
        const subject = subjectParam(request);
        const mode = store.mode(subject) ?? (flag(request, 'defaultToGlobal') ? store.mode(null) : undefined);
        if (mode === undefined) {
          throw refuse.modeNotConfigured(subject);
        }
        return { mode };
      },
    },
    { method: 'PUT', path: '/mode/:subject', handle: (request) => put(subjectParam(request), request) },
    {
      method: 'DELETE',
      path: '/mode/:subject',
      handle: (request) => {
        const subject = subjectParam(request);
        const mode = store.mode(subject);
        if (mode === undefined) {
          throw refuse.subjectNotFound(subject);
        }
        registry.setMode(subject, null);
        return { mode };
      },
    },
  ];
}
