import { resolutionFaults } from './avro-resolution.ts';
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
 * Why `candidate` may not follow `earlier` (ascending) under `level`, one sentence a fault; empty when it may.
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
      ...(level.startsWith('FORWARD') ? [] : problems(candidate, schema, `reader: new, writer: version ${version}`)),
      ...(level.startsWith('BACKWARD') ? [] : problems(schema, candidate, `reader: version ${version}, writer: new`)),
    ]);
}

function problems(reader: ParsedSchema, writer: ParsedSchema, roles: string): readonly string[] {
  return resolutionFaults(reader.type, writer.type).map(
    ({ problem, path, detail }) => `${roles}: ${problem} at ${path}: ${detail}`,
  );
}

/** Whether a text names a level. */
export function isCompatibilityLevel(value: unknown): value is CompatibilityLevel {
  return COMPATIBILITY_LEVELS.some((level) => level === value);
}
