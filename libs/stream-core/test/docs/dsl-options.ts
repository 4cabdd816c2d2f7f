import { readFileSync, readdirSync } from 'node:fs';

const DSL = new URL('../../src/dsl/', import.meta.url);

/** A field of an options object of the DSL. */
export interface DslOption {
  readonly type: string;
  readonly option: string;
}

/** The fields of every exported options interface, those that it inherits left out. */
export function readOptions(): DslOption[] {
  return readdirSync(DSL, { encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => optionsIn(readFileSync(new URL(file, DSL), 'utf8')));
}

function optionsIn(source: string): DslOption[] {
  const interfaces = source.matchAll(/^export interface (\w+Options|SuppressUntil\w+)\b[^{]*\{\n([\s\S]*?)^\}/gm);
  return [...interfaces].flatMap(([, type = '', body = '']) =>
    Array.from(body.matchAll(/^ {2}readonly (\w+)/gm), ([, option = '']) => ({ type, option })),
  );
}
