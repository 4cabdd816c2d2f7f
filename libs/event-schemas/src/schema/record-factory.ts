/** A record type in which only the fields `Given` must be given. */
export type Fillable<T, Given extends keyof T> = Pick<T, Given> & Partial<Omit<T, Given>>;

interface FieldDefault {
  readonly name: string;
  readonly default?: unknown;
}

/** A function that completes a record with the defaults of its schema. Arrays among the defaults are shared and frozen. */
export function recordFactory<Input extends object, T>(schema: string): (given: Input) => T {
  const { fields } = JSON.parse(schema) as { fields: readonly FieldDefault[] };
  const defaults: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.default !== undefined) {
      defaults[field.name] = Array.isArray(field.default) ? Object.freeze(field.default) : field.default;
    }
  }
  return (given) => ({ ...defaults, ...given }) as T;
}
