import type { ParsedSchema } from './canonical-schema.ts';

/** What a new version of a subject has to keep, from the weakest to the strongest. */
export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/** BACKWARD: the new schema reads what the old one wrote. FORWARD: the old one reads what the new one writes. FULL: both. */
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** An earlier version of a subject. */
export interface EarlierSchema {
  readonly version: number;
  readonly schema: ParsedSchema;
}

/**
 * Why `candidate` may not follow `earlier` (ascending) under `level`, one sentence a fault; empty when it may. Whether
 * one schema reads another is decided by avsc's resolver, which is Avro's schema resolution: fields by name or alias,
 * defaults, promotions, enum defaults, unions branch by branch.
 */
export function compatibilityProblems(
  level: CompatibilityLevel,
  candidate: ParsedSchema,
  earlier: readonly EarlierSchema[],
): readonly string[] {
  if (level === 'NONE') {
    return [];
  }
  const checked = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  return checked
    .toReversed()
    .flatMap(({ version, schema }) => [
      ...(level.startsWith('FORWARD') ? [] : problem(candidate, schema, `reader: new, writer: version ${version}`)),
      ...(level.startsWith('BACKWARD') ? [] : problem(schema, candidate, `reader: version ${version}, writer: new`)),
    ]);
}

function problem(reader: ParsedSchema, writer: ParsedSchema, roles: string): readonly string[] {
  try {
    reader.type.createResolver(writer.type);
    return [];
  } catch (error) {
    return [`${roles}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Whether a text names a level. */
export function isCompatibilityLevel(value: unknown): value is CompatibilityLevel {
  return COMPATIBILITY_LEVELS.some((level) => level === value);
}
