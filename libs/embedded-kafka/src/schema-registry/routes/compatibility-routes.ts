import { parseSchema } from '../canonical-schema.ts';
import { compatibilityProblems } from '../compatibility.ts';
import type { EarlierSchema } from '../compatibility.ts';
import { refuse } from '../registry-error.ts';
import { flag, schemaBody, subjectParam, versionParam } from '../request-fields.ts';
import type { Route, RouteRequest } from '../router.ts';
import type { SchemaRegistry } from '../schema-registry.ts';

/** `/compatibility`: what registering would say, without registering. */
export function compatibilityRoutes(registry: SchemaRegistry): readonly Route[] {
  const check = (request: RouteRequest, earlier: readonly EarlierSchema[]): object => {
    const candidate = parseSchema(schemaBody(request).text);
    const problems = compatibilityProblems(registry.levelOf(subjectParam(request)), candidate, earlier);
    return { is_compatible: problems.length === 0, ...(flag(request, 'verbose') ? { messages: problems } : {}) };
  };
  return [
    {
      method: 'POST',
      path: '/compatibility/subjects/:subject/versions',
      handle: (request) => check(request, registry.earlier(subjectParam(request))),
    },
    {
      method: 'POST',
      path: '/compatibility/subjects/:subject/versions/:version',
      handle: (request) => {
        const version = versionParam(request);
        const earlier = registry.earlier(subjectParam(request));
        const against = version === -1 ? earlier.slice(-1) : earlier.filter((one) => one.version === version);
        // Anything may be the first version; another one that does not exist is a mistake.
        if (against.length === 0 && version !== -1) {
          throw refuse.versionNotFound(version);
        }
        return check(request, against);
      },
    },
  ];
}
