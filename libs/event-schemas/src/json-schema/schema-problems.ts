import type { ErrorObject } from 'ajv/dist/2020.js';

/** What is wrong with a value and where. */
export interface SchemaProblem {
  /** JSON pointer into the value (RFC 6901). */
  readonly pointer: string;
  /** The keyword of the JSON Schema, for programs. */
  readonly code: string;
  /** For people; reads on after the pointer. */
  readonly detail: string;
}

/** By which the forms of an `anyOf` are told from each other. */
const OF_FORM: ReadonlySet<string> = new Set(['type', 'required', 'additionalProperties', 'enum']);
/** Longest piece of a refused value that is shown. */
const MAX_SHOWN = 60;

/**
 * The errors of an ajv that runs with `allErrors` and `verbose`, in their order, each at the field it is about: one that is
 * missing or not known has its own place. Of `anyOf` what is wrong within the form that the value has, or all of the forms in one problem.
 */
export function schemaProblems(errors: readonly ErrorObject[], prefix = ''): readonly SchemaProblem[] {
  return causesOf(errors).map((error) => asProblem(error, prefix));
}

/** In one pass, for a body may have as many errors as it has bytes: those of the forms come directly before their `anyOf`. */
function causesOf(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const causes: ErrorObject[] = [];
  for (const error of errors) {
    // The only `not` of our schemas refuses blank texts; it is met by what is no text as well, which `type` has refused.
    if (error.keyword === 'not' && typeof error.data !== 'string') continue;
    if (error.keyword !== 'anyOf') {
      causes.push(error);
      continue;
    }
    let first = causes.length;
    while (first > 0 && isOfBranch(causes[first - 1]!, error)) first--;
    const within = causes.splice(first).filter((other) => isWithin(other, error));
    if (within.length === 0) causes.push(error);
    else for (const other of within) causes.push(other);
  }
  return causes;
}

/** Of this value's `anyOf`: the items of a list have the same schema. */
const isOfBranch = (error: ErrorObject, choice: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
  (error.instancePath === choice.instancePath || isInside(error, choice));

/** Whether the value has the form of the error's branch, and a part or a bound of it is wrong. */
const isWithin = (error: ErrorObject, choice: ErrorObject): boolean =>
  isInside(error, choice) || !OF_FORM.has(error.keyword);

const isInside = (error: ErrorObject, choice: ErrorObject): boolean =>
  error.instancePath.startsWith(`${choice.instancePath}/`);

function asProblem(error: ErrorObject, prefix: string): SchemaProblem {
  const { keyword, params, instancePath } = error;
  const pointer = prefix + instancePath;
  switch (keyword) {
    case 'required':
      return { pointer: pointer + member(params['missingProperty']), code: keyword, detail: 'is missing' };
    case 'additionalProperties':
      return { pointer: pointer + member(params['additionalProperty']), code: keyword, detail: 'is not known' };
    case 'not':
      return { pointer, code: 'pattern', detail: 'is blank' };
    default:
      return { pointer, code: keyword, detail: `${expectedBy(error)}, not ${shown(error.data)}` };
  }
}

function expectedBy({ keyword, params, schema, message = 'is wrong' }: ErrorObject): string {
  switch (keyword) {
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'anyOf':
      return `must be ${(schema as object[]).map(formOf).join(' or ')}`;
    case 'minItems':
      return `must have at least ${counted(params['limit'], 'item')}`;
    case 'maxItems':
      return `must have at most ${counted(params['limit'], 'item')}`;
    case 'minLength':
      return `must have at least ${counted(params['limit'], 'character')}`;
    case 'maxLength':
      return `must have at most ${counted(params['limit'], 'character')}`;
    default:
      return message;
  }
}

const counted = (limit: unknown, noun: string): string => `${String(limit)} ${noun}${limit === 1 ? '' : 's'}`;

/** A form that a value may have, in short. */
function formOf(schema: {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
}): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.required !== undefined) return `{${schema.required.map((name) => `"${name}": …`).join(', ')}}`;
  return /^[aeiou]/.test(schema.type ?? '') ? `an ${schema.type}` : `a ${schema.type}`;
}

/** A reference token of a JSON pointer. */
const member = (name: unknown): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Arrays and objects are named, not written out: JSON.stringify recurses, and a body may nest deeper than the call stack. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
