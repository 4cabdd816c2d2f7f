import type { NumberLimits, Setting, SettingKind } from './setting.ts';

const MAX_PORT = 65_535;
const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A whole number. Without a fallback the variable is required. */
export function int(doc: string, fallback?: number, limits: NumberLimits = {}): Setting<number> {
  return numeric('int', `an integer${range(limits)}`, doc, fallback, limits, toInteger);
}

/** A TCP port; 0 lets the system choose one. */
export function port(doc: string, fallback?: number): Setting<number> {
  const limits = { min: 0, max: MAX_PORT };
  return numeric('port', `a port${range(limits)}`, doc, fallback, limits, toInteger);
}

/** A duration in milliseconds, written as a whole number of them or with a unit: `500ms`, `10s`, `5m`, `24h`, `30d`. */
export function durationMs(doc: string, fallback?: number, limits: NumberLimits = {}): Setting<number> {
  const allowed = `milliseconds, or a number with ms, s, m, h or d${range(limits)}`;
  return numeric('durationMs', allowed, doc, fallback, limits, (text) => withUnit(text, DURATION_UNITS_MS));
}

/** A size in bytes, written as a whole number of them or with a unit: `64KiB`, `10MiB`, `1GiB`. */
export function bytes(doc: string, fallback?: number, limits: NumberLimits = {}): Setting<number> {
  const allowed = `bytes, or a number with KiB, MiB or GiB${range(limits)}`;
  return numeric('bytes', allowed, doc, fallback, limits, (text) => withUnit(text, BYTE_UNITS));
}

/** A text that is not empty: an empty variable counts as not given. */
export function string(doc: string, fallback?: string): Setting<string> {
  return setting('string', 'a text', doc, fallback, (text) => text);
}

/** `true` or `false`; `1`, `0`, `yes` and `no` are read too. */
export function boolean(doc: string, fallback?: boolean): Setting<boolean> {
  return setting('boolean', 'true or false', doc, fallback, (text) => {
    if (['true', '1', 'yes'].includes(text.toLowerCase())) return true;
    if (['false', '0', 'no'].includes(text.toLowerCase())) return false;
    throw new Error('neither true nor false');
  });
}

/** An http or https address; a trailing slash is taken off. */
export function url(doc: string, fallback?: string): Setting<string> {
  return setting('url', 'an http:// or https:// address', doc, fallback, toAddress);
}

/** Http or https addresses separated by commas; trailing slashes are taken off. */
export function urls(doc: string, fallback?: readonly string[]): Setting<readonly string[]> {
  const parse = (text: string): readonly string[] => Object.freeze(split(text).map(toAddress));
  return setting('urls', 'http:// or https:// addresses separated by commas', doc, fallback, parse, (items) =>
    items.join(','),
  );
}

/** Texts separated by commas; empty ones are left out. */
export function list(doc: string, fallback?: readonly string[]): Setting<readonly string[]> {
  return setting('list', 'texts separated by commas', doc, fallback, split, (items) => items.join(','));
}

/** One of the given words. (`enum` is a reserved word.) */
export function oneOf<const W extends string>(doc: string, words: readonly W[], fallback?: NoInfer<W>): Setting<W> {
  return setting('enum', `one of ${words.join(', ')}`, doc, fallback, (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Error('none of them');
    return word;
  });
}

/** A text that is never printed. `parse` may turn it into something else, and must not repeat it in an error. */
export function secret(doc: string, fallback?: string): Setting<string>;
export function secret<T>(
  doc: string,
  fallback: T | undefined,
  allowed: string,
  parse: (text: string) => T,
): Setting<T>;
export function secret<T>(
  doc: string,
  fallback?: T,
  allowed = 'a text',
  parse: (text: string) => T = (text) => text as T,
): Setting<T> {
  return { ...setting('secret', allowed, doc, fallback, parse, () => '(secret)'), secret: true };
}

/** A JSON text that `check` turns into a typed value; `check` throws an Error which names the place. */
export function json<T>(doc: string, allowed: string, check: (value: unknown) => T, fallback?: T): Setting<T> {
  return setting('json', allowed, doc, fallback, (text) => check(JSON.parse(text)), JSON.stringify);
}

/** The same setting, which may be left out: its value is then undefined. */
export function optional<T>(of: Setting<T>): Setting<T | undefined> {
  return {
    ...of,
    required: false,
    fallback: undefined,
    parse: (text) => of.parse(text),
    format: (value) => (value === undefined ? '' : of.format(value)),
  };
}

function setting<T>(
  kind: SettingKind,
  allowed: string,
  doc: string,
  fallback: T | undefined,
  parse: (text: string) => T,
  format: (value: T) => string = String,
): Setting<T> {
  return { kind, allowed, doc, fallback, required: fallback === undefined, secret: false, parse, format };
}

function numeric(
  kind: SettingKind,
  allowed: string,
  doc: string,
  fallback: number | undefined,
  limits: NumberLimits,
  read: (text: string) => number,
): Setting<number> {
  return setting(kind, allowed, doc, fallback, (text) => {
    const value = read(text);
    if (!Number.isSafeInteger(value)) throw new Error('not a whole number');
    if (limits.min !== undefined && value < limits.min) throw new Error(`less than ${limits.min}`);
    if (limits.max !== undefined && value > limits.max) throw new Error(`more than ${limits.max}`);
    return value;
  });
}

const toInteger = (text: string): number => (/^[+-]?\d+$/.test(text) ? Number(text) : NaN);

function withUnit(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text);
  const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? ''];
  return match === null || unit === undefined ? NaN : Number(match[1]) * unit;
}

function range({ min, max }: NumberLimits): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
}

function toAddress(text: string): string {
  const parsed = URL.parse(text);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) throw new Error('not such an address');
  // fetch refuses such addresses, and addresses are logged.
  if (parsed.username !== '' || parsed.password !== '') throw new Error('an address with a name or password in it');
  return text.replace(/\/+$/, '');
}

function split(text: string): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new Error('an empty list');
  return Object.freeze(items);
}
