/** The kinds of value that a setting can have; the README's table shows them. */
export type SettingKind =
  | 'int'
  | 'port'
  | 'string'
  | 'boolean'
  | 'url'
  | 'urls'
  | 'list'
  | 'durationMs'
  | 'bytes'
  | 'secret'
  | 'enum'
  | 'json';

/** One documented setting: how its text is read, what it may be, and what it is when it is not given. */
export interface Setting<T> {
  readonly kind: SettingKind;
  readonly doc: string;
  /** What a value may be, in words: "an integer from 0 to 65535". */
  readonly allowed: string;
  /** The value when the variable is absent or empty; undefined with `required: false` means "not set". */
  readonly fallback: T | undefined;
  readonly required: boolean;
  /** The value is never printed, neither in an error nor by `--print-config`. */
  readonly secret: boolean;
  /** Throws an Error that says what is wrong, without the value when the setting is secret. */
  parse(text: string): T;
  /** The text that `parse` would read back. A method, so that a definition can hold settings of every type. */
  format(value: T): string;
}

/** Settings by the name of their environment variable. */
export type SettingsShape = Readonly<Record<string, Setting<unknown>>>;

/** The values of a definition: one read-only property per variable. */
export type SettingValues<S> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Limits of a number, both inclusive. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
}
