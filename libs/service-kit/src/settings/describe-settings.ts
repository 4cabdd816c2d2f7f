import type { Setting, SettingsShape } from './setting.ts';

/** A definition as a Markdown table, in the order of the definition: what the README shows. */
export function describeSettings(definition: SettingsShape): string {
  const rows = Object.entries(definition).map(([name, setting]) => {
    return `| \`${name}\` | ${fallbackText(setting)} | ${cell(setting.allowed)} | ${cell(setting.doc)} |`;
  });
  return ['| Setting | Default | Allowed | What |', '|---|---|---|---|', ...rows].join('\n');
}

/** Values as lines `NAME=value`, secrets hidden: what `--print-config` prints. */
export function printSettings(definition: SettingsShape, values: Readonly<Record<string, unknown>>): string {
  return Object.entries(definition)
    .map(([name, setting]) => `${name}=${valueText(setting, values[name])}`)
    .join('\n');
}

function fallbackText(setting: Setting<unknown>): string {
  if (setting.required) return 'required';
  const text = valueText(setting, setting.fallback);
  return text === '' ? '–' : `\`${text}\``;
}

function valueText(setting: Setting<unknown>, value: unknown): string {
  if (value === undefined) return '';
  return setting.secret ? '(secret)' : setting.format(value);
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
