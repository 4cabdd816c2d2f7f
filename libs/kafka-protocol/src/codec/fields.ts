/** What a primitive field holds in a message that was read. */
export interface PrimitiveValues {
  readonly int8: number;
  readonly int16: number;
  readonly uint16: number;
  readonly int32: number;
  readonly int64: number;
  readonly float64: number;
  readonly bool: boolean;
  readonly string: string;
  readonly nullableString: string | null;
  readonly bytes: Buffer;
  readonly nullableBytes: Buffer | null;
  readonly records: Buffer | null;
  readonly uuid: string;
}

/** What a primitive field takes in a message to be written. Record sets may come in pieces; none of them is copied. */
export interface PrimitiveInputs extends Omit<PrimitiveValues, 'bytes' | 'nullableBytes' | 'records'> {
  readonly bytes: Uint8Array;
  readonly nullableBytes: Uint8Array | null;
  readonly records: Uint8Array | readonly Uint8Array[] | null;
}

/** The name of a primitive type of the protocol. */
export type PrimitiveType = keyof PrimitiveValues;

/** The versions that have a field: all, unless a bound is named. */
export interface FieldVersions {
  readonly from?: number;
  readonly to?: number;
}

/** When a field exists and what stands for it when it does not. */
export interface FieldOptions<T> extends FieldVersions {
  /** Written when the field is left out, read when the version does not have it. A field with a default may be left out. */
  readonly default?: T;
  /** First version in which null may be written. */
  readonly nullableFrom?: number;
  /** The field's number in the struct's tagged section; it is written only when it differs from the default. */
  readonly tag?: number;
}

/** A field as the codec sees it. */
export interface FieldSpec {
  readonly name: string;
  readonly type: PrimitiveType | 'struct' | 'array';
  /** Of a struct: its fields. Of an array: its elements' type or, for structs, their fields. */
  readonly element: PrimitiveType | readonly FieldSpec[] | null;
  /** Of an array: null is allowed. */
  readonly nullable: boolean;
  readonly options: FieldOptions<unknown>;
}

/** A field with the types of its value: `In` when written, `Out` when read. The two type members exist for the compiler only. */
export interface Field<Name extends string, In, Out, Optional extends boolean> extends FieldSpec {
  readonly name: Name;
  readonly inType?: In;
  readonly outType?: Out;
  readonly optional: Optional;
}

/** Any field. */
export type AnyField = Field<string, unknown, unknown, boolean>;

type InOf<F> = F extends Field<string, infer In, unknown, boolean> ? In : never;
type OutOf<F> = F extends Field<string, unknown, infer Out, boolean> ? Out : never;
type Flat<T> = { [K in keyof T]: T[K] };
type OptionalBy<O> = O extends { readonly default: unknown } ? true : false;
type NullBy<O> = O extends { readonly default: null } ? null : never;

/** The object that a list of fields takes when it is written: fields with a default may be left out. */
export type InputOf<Fields extends readonly AnyField[]> = Flat<
  { readonly [F in Fields[number] as F['optional'] extends true ? never : F['name']]: InOf<F> } & {
    readonly [F in Fields[number] as F['optional'] extends true ? F['name'] : never]?: InOf<F> | undefined;
  }
>;

/** The object that a list of fields is read as: every field is there, those the version lacks with their default. */
export type OutputOf<Fields extends readonly AnyField[]> = Flat<{
  readonly [F in Fields[number] as F['name']]: OutOf<F>;
}>;

type Element = PrimitiveType | readonly AnyField[];
type ElementIn<E extends Element> = E extends PrimitiveType
  ? PrimitiveInputs[E]
  : E extends readonly AnyField[]
    ? InputOf<E>
    : never;
type ElementOut<E extends Element> = E extends PrimitiveType
  ? PrimitiveValues[E]
  : E extends readonly AnyField[]
    ? OutputOf<E>
    : never;

function field<Name extends string, In, Out, Optional extends boolean>(
  name: Name,
  type: FieldSpec['type'],
  options: FieldOptions<unknown> | undefined,
  element: FieldSpec['element'],
  nullable: boolean,
): Field<Name, In, Out, Optional> {
  return {
    name,
    type,
    element,
    nullable,
    options: options ?? {},
    optional: (options?.default !== undefined) as Optional,
  };
}

type PrimitiveField<T extends PrimitiveType> = <
  const Name extends string,
  const O extends FieldOptions<PrimitiveInputs[T]> = FieldVersions,
>(
  name: Name,
  options?: O,
) => Field<Name, PrimitiveInputs[T], PrimitiveValues[T], OptionalBy<O>>;

function primitive<T extends PrimitiveType>(type: T): PrimitiveField<T> {
  return (name, options) => field(name, type, options, null, false);
}

/** Field builders, one per primitive type: `int32('partition', { from: 2, default: -1 })`. */
export const int8 = primitive('int8');
export const int16 = primitive('int16');
export const uint16 = primitive('uint16');
export const int32 = primitive('int32');
/** A 64-bit number, exact up to 2^53. */
export const int64 = primitive('int64');
export const float64 = primitive('float64');
export const bool = primitive('bool');
export const string = primitive('string');
export const nullableString = primitive('nullableString');
/** Bytes, copied when written and a view of the frame when read. */
export const bytes = primitive('bytes');
export const nullableBytes = primitive('nullableBytes');
/** A record set: by reference when written, a view of the frame when read. */
export const records = primitive('records');
export const uuid = primitive('uuid');

/** An array of a primitive type or of structs, given by their fields. */
export function array<
  const Name extends string,
  const E extends Element,
  const O extends FieldOptions<readonly []> = FieldVersions,
>(name: Name, element: E, options?: O): Field<Name, readonly ElementIn<E>[], readonly ElementOut<E>[], OptionalBy<O>> {
  return field(name, 'array', options, element, false);
}

/** An array that may be null, which usually means "all". */
export function nullableArray<
  const Name extends string,
  const E extends Element,
  const O extends FieldOptions<readonly [] | null> = FieldVersions,
>(
  name: Name,
  element: E,
  options?: O,
): Field<Name, readonly ElementIn<E>[] | null, readonly ElementOut<E>[] | null, OptionalBy<O>> {
  return field(name, 'array', options, element, true);
}

/** One struct inside another; null stands for a tagged one that is not there. */
export function struct<
  const Name extends string,
  const F extends readonly AnyField[],
  const O extends FieldOptions<null> = FieldVersions,
>(name: Name, fields: F, options?: O): Field<Name, InputOf<F> | NullBy<O>, OutputOf<F> | NullBy<O>, OptionalBy<O>> {
  return field(name, 'struct', options, fields, false);
}
