import type { Setting, SettingsShape, SettingValues } from './setting.ts';

/** One variable that cannot be used. */
export interface SettingProblem {
  readonly name: string;
  readonly message: string;
}

/** Every problem of the environment at once; the message has a line for each. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
    super(
      `${problems.length === 1 ? 'A setting' : `${problems.length} settings`} cannot be used:\n${lines.join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The variables of a process; an empty one counts as not given. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Says that an object defines settings; it only gives the values' types a name to hang on. */
export function defineSettings<const S extends SettingsShape>(settings: S): S {
  for (const name of Object.keys(settings)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name))
      throw new TypeError(`${name}: a setting is named like a variable, A-Z, 0-9 and _`);
  }
  return Object.freeze(settings);
}

/** Reads and checks all settings. Throws one `ConfigError` that lists every problem; never prints a secret. */
export function loadSettings<S extends SettingsShape>(definition: S, env: Environment): SettingValues<S> {
  const problems: SettingProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definition)) {
    const text = env[name]?.trim() ?? '';
    if (text !== '') {
      const read = parse(name, setting, text);
      if ('problem' in read) problems.push(read.problem);
      else values[name] = read.value;
    } else if (setting.required) {
      problems.push({ name, message: `is required: ${setting.allowed} (${setting.doc})` });
    } else {
      values[name] = setting.fallback;
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as SettingValues<S>;
}

/** Variables which begin with one of the prefixes and are in no definition: probably misspelt. Sorted. */
export function unknownVariables(
  env: Environment,
  prefixes: readonly string[],
  known: Iterable<string>,
): readonly string[] {
  const names = new Set(known);
  return Object.keys(env)
    .filter((name) => !names.has(name) && prefixes.some((prefix) => name.startsWith(prefix)))
    .sort();
}

function parse(
  name: string,
  setting: Setting<unknown>,
  text: string,
): { readonly value: unknown } | { readonly problem: SettingProblem } {
  try {
    return { value: setting.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const shown = setting.secret ? 'the secret given' : JSON.stringify(text);
    return { problem: { name, message: `${shown} is refused (${reason}); allowed: ${setting.allowed}` } };
  }
}
