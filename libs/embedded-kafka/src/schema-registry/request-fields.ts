import { refuse } from './registry-error.ts';
import type { RouteRequest } from './router.ts';
import type { SchemaToRegister } from './schema-registry.ts';

const MAX_VERSION = 2 ** 31 - 1;

/** Whether a flag of the query is `true`. */
export function flag({ query }: RouteRequest, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true';
}

/** The part of a list that the query asks for: `offset` of its elements are left out, and what is beyond `limit` (default: nothing). */
export function page<T>({ query }: RouteRequest, list: readonly T[]): readonly T[] {
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  const limit = Number(query.get('limit') ?? -1);
  return list.slice(offset, limit >= 0 ? offset + limit : undefined);
}

/** The version in the path, −1 for `latest`. Throws 42202. */
export function versionParam({ params }: RouteRequest): number {
  const text = params['version'] ?? '';
  if (text === 'latest' || text === '-1') {
    return -1;
  }
  const version = Number(text);
  if (!/^\d+$/.test(text) || version < 1 || version > MAX_VERSION) {
    throw refuse.invalidVersion(text);
  }
  return version;
}

/** The subject in the path. */
export function subjectParam({ params }: RouteRequest): string {
  return params['subject'] ?? '';
}

/** The id in the path. Throws 40403 for what is no id. */
export function idParam({ params }: RouteRequest): number {
  const id = Number(params['id']);
  if (!Number.isInteger(id)) {
    throw refuse.schemaNotFound();
  }
  return id;
}

/** The schema in the body. Throws 42201 without one, or for one that is no Avro. */
export function schemaBody({ body }: RouteRequest): SchemaToRegister {
  const { schema, schemaType, references, id, version } = body;
  if (typeof schema !== 'string' || schema === '') {
    throw refuse.invalidSchema('the body has no text "schema"');
  }
  if (schemaType !== undefined && schemaType !== null && schemaType !== 'AVRO') {
    throw refuse.invalidSchema(`schema type ${JSON.stringify(schemaType)}; this registry keeps AVRO only`);
  }
  if (Array.isArray(references) && references.length > 0) {
    throw refuse.invalidSchema('references to other subjects; this registry keeps schemas that stand alone');
  }
  return { text: schema, id: positive(id), version: positive(version) };
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
