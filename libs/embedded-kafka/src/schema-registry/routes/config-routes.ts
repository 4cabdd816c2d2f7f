import { COMPATIBILITY_LEVELS, isCompatibilityLevel } from '../compatibility.ts';
import type { CompatibilityLevel } from '../compatibility.ts';
import { refuse } from '../registry-error.ts';
import { flag, subjectParam } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';

/** `/config`: the compatibility level, of all subjects and of one. */
export function configRoutes(registry: SchemaRegistry): readonly Route[] {
  const { store } = registry;
  const put = (subject: string | null, { body }: RouteRequest): object => {
    const level =
      typeof body['compatibility'] === 'string' ? body['compatibility'].toUpperCase() : body['compatibility'];
    if (!isCompatibilityLevel(level)) {
      throw refuse.invalidCompatibility(body['compatibility'], COMPATIBILITY_LEVELS);
    }
    registry.setLevel(subject, level);
    return { compatibility: level };
  };
  const remove = (subject: string | null, level: CompatibilityLevel | undefined): object => {
    registry.setLevel(subject, null);
    return { compatibilityLevel: level };
  };
  return [
    { method: 'GET', path: '/config', handle: () => ({ compatibilityLevel: store.level(null) }) },
    { method: 'PUT', path: '/config', handle: (request) => put(null, request) },
    { method: 'DELETE', path: '/config', handle: () => remove(null, store.level(null)) },
    {
      method: 'GET',
      path: '/config/:subject',
      handle: (request) => {
        const subject = subjectParam(request);
        const level = store.level(subject) ?? (flag(request, 'defaultToGlobal') ? store.level(null) : undefined);
        if (level === undefined) {
          throw refuse.compatibilityNotConfigured(subject);
        }
        return { compatibilityLevel: level };
      },
    },
    { method: 'PUT', path: '/config/:subject', handle: (request) => put(subjectParam(request), request) },
    {
      method: 'DELETE',
      path: '/config/:subject',
      handle: (request) => {
        const subject = subjectParam(request);
        const level = store.level(subject);
        if (level === undefined) {
          throw refuse.subjectNotFound(subject);
        }
        return remove(subject, level);
      },
    },
  ];
}
