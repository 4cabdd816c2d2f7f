import { LARGEST_TIME_MS } from '../tables/clock-offsets.ts';
import type { JsonSchema } from './openapi-types.ts';

const MAX_INT = 2_147_483_647;
/** The largest long that avsc writes as a number. */
const MAX_LONG = Number.MAX_SAFE_INTEGER - 1;
/** Longest id, in UTF-16 units; event-schemas refuses longer ones. */
const MAX_ID_LENGTH = 128;

/** A span of time or a place in content, milliseconds. */
export const spanMs = (description: string): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  maximum: LARGEST_TIME_MS,
  description,
});

/** A playhead: −1 where it is unknown. */
export const playheadMs = (description: string): JsonSchema => ({ ...spanMs(description), minimum: -1 });

/** A number of things. */
export const count = (description: string): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  maximum: MAX_INT,
  description,
});

/** A sequence number of a session, from 0. */
export const sequence = (description: string): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  maximum: MAX_LONG,
  description,
});

/** A speed or a ratio. */
export const ratio = (description: string): JsonSchema => ({
  type: 'number',
  minimum: -1000,
  maximum: 1000,
  description,
});

/** A text of people or programs. */
export const text = (description: string, maxLength = MAX_ID_LENGTH): JsonSchema => ({
  type: 'string',
  maxLength,
  description,
});

/** An id: not empty. */
export const id = (description: string): JsonSchema => ({ ...text(description), minLength: 1 });

/** Neither \p{Cc} nor \p{Cs}, spelt out: generators of test data know few classes by name. */
const PRINTABLE = String.raw`^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]*$`;

/** A text to show: no control characters, no half of a surrogate pair. */
export const title = (description: string, maxLength: number): JsonSchema => ({
  ...text(description, maxLength),
  pattern: PRINTABLE,
});

/** An opaque id of content: like a title, and not blank. */
export const contentId = (description: string): JsonSchema => ({
  ...id(description),
  pattern: PRINTABLE,
  // Apart from the pattern, because generators of test data know no look-ahead.
  not: { pattern: String.raw`^\s+$` },
});

/** A word of a list that grows: others than these are stored as UNKNOWN. */
export const word = (description: string, words: readonly string[]): JsonSchema => ({
  type: 'string',
  maxLength: 64,
  description: `${description} One of ${words.join(', ')}; any other is taken as UNKNOWN.`,
  examples: [words[0]],
});

/** True or false. */
export const flag = (description: string): JsonSchema => ({ type: 'boolean', description });

/** A list. */
export const list = (description: string, items: JsonSchema, maxItems: number): JsonSchema => ({
  type: 'array',
  description,
  items,
  minItems: 1,
  maxItems,
});

/** An object; fields that it does not name are ignored and counted. */
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({ type: 'object', properties, ...(required.length === 0 ? {} : { required }) });

/** The same object, refused with fields that it does not name: for what replaces a whole document. */
export function closed(schema: JsonSchema): JsonSchema {
  return { ...schema, additionalProperties: false };
}
