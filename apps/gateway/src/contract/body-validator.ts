import { isAscii } from 'node:buffer';
import { schemaProblems } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { FieldProblem } from '@playhead/service-kit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonSchema } from './openapi-types.ts';

/** Most items of an array body. */
export const MAX_ITEMS = 100;
/** Most problems that an answer lists. */
const MAX_LISTED = 20;

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });

/** Checks bodies against one compiled schema. Both checks throw a 400 problem that names every wrong field. */
export class BodyValidator<T> {
  readonly #validate: ReturnType<typeof ajv.compile>;
  readonly #known: ReadonlySet<string>;
  readonly #onUnknownField: () => void;

  /** `onUnknownField` is called for each field of an item's top level that the schema does not name. */
  constructor(schema: JsonSchema, { onUnknownField }: { readonly onUnknownField: () => void }) {
    this.#validate = ajv.compile(schema);
    this.#known = new Set(Object.keys(schema.properties ?? {}));
    this.#onUnknownField = onUnknownField;
  }

  /** The item, if it fits the schema. */
  one(value: unknown): T {
    const errors: FieldProblem[] = [];
    if (!this.#validate(value)) this.#collect(errors, '');
    refuseIfAny(errors);
    this.#countUnknown(value as object);
    return value as T;
  }

  /** The items of a body that is one item or an array of 1 to 100; one bad item refuses them all. */
  oneOrMany(value: unknown): readonly T[] {
    if (!Array.isArray(value)) return [this.one(value)];
    if (value.length === 0 || value.length > MAX_ITEMS) {
      const detail = `has ${value.length} items; allowed are 1 to ${MAX_ITEMS}`;
      refuseIfAny([{ pointer: '', code: value.length === 0 ? 'minItems' : 'maxItems', detail }]);
    }
    const errors: FieldProblem[] = [];
    for (let at = 0; at < value.length; at++) if (!this.#validate(value[at])) this.#collect(errors, `/${at}`);
    refuseIfAny(errors);
    for (const item of value) this.#countUnknown(item as object);
    return value as T[];
  }

  /** What was wrong with the value that was checked last. */
  #collect(errors: FieldProblem[], pointer: string): void {
    // One by one: a body has room for more of them than a call takes arguments.
    for (const error of schemaProblems(this.#validate.errors ?? [], pointer)) errors.push(error);
  }

  #countUnknown(item: object): void {
    for (const name in item) if (!this.#known.has(name)) this.#onUnknownField();
  }
}

/** The JSON of a body; an empty or broken one is a 400 problem. */
export function parseJson(body: Buffer): unknown {
  try {
    // Reading ASCII as UTF-8 takes as long as half of the parsing.
    return JSON.parse(body.toString(isAscii(body) ? 'latin1' : 'utf8'));
  } catch (cause) {
    throw problem(400, 'body-malformed', {
      detail: body.length === 0 ? 'The body is empty; JSON is expected.' : 'The body is not JSON.',
      errors: [
        { pointer: '', code: 'json', detail: cause instanceof Error ? cause.message.slice(0, 200) : 'not JSON' },
      ],
    });
  }
}

function refuseIfAny(errors: readonly FieldProblem[]): void {
  if (errors.length > 0) throw bodyInvalid(errors);
}

/** The 400 problem of a body; of the errors, at least one, 20 are listed. */
export function bodyInvalid(errors: readonly FieldProblem[]): Error {
  const [first] = errors;
  const where = first?.pointer === '' ? 'The body' : first?.pointer;
  return problem(400, 'body-invalid', {
    detail: `${where} ${first?.detail}${errors.length > 1 ? `, and ${errors.length - 1} more` : ''}.`,
    errors: errors.slice(0, MAX_LISTED),
  });
}
