import type { FieldSpec, PrimitiveType } from './fields.ts';

/** One step of reading or writing a struct in one version of a message. */
export interface Step {
  readonly name: string;
  /** `absent`: the version does not have the field, or it is tagged; reading gives the fallback and writing nothing. */
  readonly kind: PrimitiveType | 'struct' | 'array' | 'absent';
  readonly fallback: unknown;
  /** The table has no default: what is written must have the field. */
  readonly required: boolean;
  readonly nullable: boolean;
  /** Of a struct, and of an array of structs. */
  readonly plan: Plan | null;
  /** Of an array of primitives. */
  readonly element: PrimitiveType | null;
}

/** A struct in one version, compiled once: the steps in the order of the wire, and those in the tagged section by number. */
export interface Plan {
  readonly flexible: boolean;
  readonly steps: readonly Step[];
  readonly tagged: ReadonlyMap<number, Step>;
}

const EMPTY: readonly never[] = Object.freeze([]);
const EMPTY_BYTES = Buffer.alloc(0);
const NO_TAGS: ReadonlyMap<number, Step> = new Map();

const ZERO: Readonly<Record<FieldSpec['type'], unknown>> = {
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  int64: 0,
  float64: 0,
  bool: false,
  string: '',
  nullableString: null,
  bytes: EMPTY_BYTES,
  nullableBytes: null,
  records: null,
  uuid: '00000000-0000-0000-0000-000000000000',
  array: EMPTY,
  struct: null,
};

/** Compiles a list of fields for one version. */
export function compilePlan(fields: readonly FieldSpec[], version: number, flexible: boolean): Plan {
  const steps: Step[] = [];
  let tagged: Map<number, Step> | undefined;
  for (const field of fields) {
    const { from = 0, to = Infinity, tag } = field.options;
    const exists = version >= from && version <= to;
    if (exists && tag !== undefined && flexible) {
      tagged ??= new Map();
      tagged.set(tag, compileStep(field, version, flexible));
      steps.push({ ...compileStep(field, version, flexible), kind: 'absent' });
    } else if (exists && tag === undefined) {
      steps.push(compileStep(field, version, flexible));
    } else {
      steps.push({ ...compileStep(field, version, flexible), kind: 'absent' });
    }
  }
  return { flexible, steps, tagged: tagged ?? NO_TAGS };
}

function compileStep(field: FieldSpec, version: number, flexible: boolean): Step {
  const { element, options } = field;
  const structFields = typeof element === 'string' || element === null ? null : element;
  const fallback = options.default === undefined ? ZERO[field.type] : options.default;
  return {
    name: field.name,
    kind: kindIn(field, version),
    fallback: Array.isArray(fallback) ? EMPTY : fallback,
    required: options.default === undefined,
    nullable: field.nullable && version >= (options.nullableFrom ?? 0),
    plan: structFields === null ? null : compilePlan(structFields, version, flexible),
    element: typeof element === 'string' ? element : null,
  };
}

/** A nullable string is an ordinary one before the version that made it nullable: same bytes, but null may not be written. */
function kindIn(field: FieldSpec, version: number): FieldSpec['type'] {
  const early = version < (field.options.nullableFrom ?? 0);
  if (early && field.type === 'nullableString') return 'string';
  if (early && field.type === 'nullableBytes') return 'bytes';
  return field.type;
}
