/** The pages of `docs/`: their examples run and print what the pages say, every operator has a page, and no link is dead. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import * as core from '@playhead/stream-core';
import {
  CALLBACKS,
  DOCS,
  EXAMPLE,
  OUTPUT,
  PACKAGE_README,
  SIGNATURES,
  anchorsOf,
  blockOf,
  exampleNames,
  exampleOf,
  linksOf,
  readPages,
} from './pages.ts';
import type { Page } from './pages.ts';
import { runExample } from './run-example.ts';
import { readOptions } from './dsl-options.ts';
import type { DslOption } from './dsl-options.ts';
import { methodsIn, readCallbacks, readSignatures, signaturesFor } from './signatures.ts';

const REFRESH = 'node libs/stream-core/test/docs/write-pages.ts';
/** What every page of an operator answers. */
const QUESTIONS = ['Null key', 'Null value', 'Late records', 'Timestamp, headers', 'Partitioning', 'State', 'Name'];
/** Pages that are no operator's: indexes and measurements, which have no example of their own. */
const WITHOUT_EXAMPLE = new Set([
  'README.md',
  'testing.md',
  'differences.md',
  'coverage.md',
  'operations.md',
  'durable-state.md',
  'metrics.md',
]);
/** Exported classes that are no part of the DSL. */
const NOT_DSL = /Error$|^(?:KafkaStreams|Windowed)$/;

const pages = readPages();
const pageAt = new Map(pages.map((page) => [page.path, page]));
const shown = pages.filter(({ path }) => !WITHOUT_EXAMPLE.has(path));
const operatorsAndGuides = shown.filter(({ path }) => path !== PACKAGE_README);
const operatorPages = pages.filter(({ path }) => path.startsWith('operators/'));
const signatures = readSignatures();

test.each(shown.map((page) => [page.path, page] as const))(
  'the example of %s runs as it stands',
  async (_path, page) => {
    const example = existsSync(page.examplePath)
      ? readFileSync(page.examplePath, 'utf8')
      : 'a file in test/docs/examples';
    expect({ example: blockOf(page.text, EXAMPLE), refreshWith: REFRESH }).toEqual({ example, refreshWith: REFRESH });
    const output = await runExample(page.examplePath);
    expect(output).not.toBe('');
    expect({ output: blockOf(page.text, OUTPUT), refreshWith: REFRESH }).toEqual({ output, refreshWith: REFRESH });
  },
);

test('a page has no code but its example, which runs', () => {
  const pieces = operatorsAndGuides.map(({ path, text }) => [path, text.match(/^```ts$/gm)?.length]);
  expect(pieces.filter(([, count]) => count !== 1)).toEqual([]);
});

test('every example belongs to a page', () => {
  const names = new Set(shown.map(({ path }) => exampleOf(path)));
  expect(exampleNames().filter((name) => !names.has(name))).toEqual([]);
});

test('every public method of the DSL has a page', () => {
  const documented = new Set(pages.flatMap(({ text }) => methodsIn(blockOf(text, SIGNATURES) ?? '')));
  const methods = dslMethods();
  expect(methods.length).toBeGreaterThan(60);
  expect(methods.filter((method) => !documented.has(method))).toEqual([]);
});

test('the signatures on the pages are those of the sources', () => {
  for (const { path, text } of pages) {
    const block = blockOf(text, SIGNATURES);
    if (block === undefined) continue;
    const refreshWith = `${REFRESH} for ${path}`;
    expect({ block, refreshWith }).toEqual({ block: signaturesFor(block, signatures), refreshWith });
  }
});

test.each(operatorPages.map((page) => [page.path, page] as const))(
  '%s answers the questions asked of every operator',
  (_path, { text }) => {
    const answered = new Set(Array.from(text.matchAll(/^\| ([^|]+) \| [^|]/gm), ([, question]) => question));
    expect(QUESTIONS.filter((question) => !answered.has(question))).toEqual([]);
    expect(blockOf(text, SIGNATURES)).toBeDefined();
  },
);

test('every page of an operator leads to its source and its tests', () => {
  const leading = operatorPages.map((page) => [page.path, linksOf(page)] as const);
  const without = (kind: RegExp) => leading.filter(([, links]) => !links.some((link) => kind.test(link)));
  expect(without(/^\.\.\/\.\.\/src\/.*\.ts$/)).toEqual([]);
  expect(without(/^\.\.\/\.\.\/test\/dsl\/operators\/.*\.test\.ts$/)).toEqual([]);
});

test('no link of a page is dead', () => {
  expect(
    pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => isDead(page, link))
        .map((link) => `${page.path}: ${link}`),
    ),
  ).toEqual([]);
});

test('the index names every page that has an example', () => {
  const index = pageAt.get('README.md');
  const named = index === undefined ? [] : linksOf(index);
  expect(operatorsAndGuides.map(({ path }) => path).filter((path) => !named.includes(path))).toEqual([]);
});

test('the index has the types of the callbacks', () => {
  const callbacks = blockOf(pageAt.get('README.md')?.text ?? '', CALLBACKS);
  expect({ callbacks, refreshWith: REFRESH }).toEqual({ callbacks: readCallbacks(), refreshWith: REFRESH });
});

test('the index has every option of the DSL', () => {
  const rows = pageAt.get('README.md')?.text.match(/^\| `.*$/gm) ?? [];
  const isSaid = ({ type, option }: DslOption): boolean =>
    rows.some((row) => row.includes(`\`${type}\``) && new RegExp(`\`${option}[:\`]`).test(row));
  const options = readOptions();
  expect(options.length).toBeGreaterThan(50);
  expect(options.filter((option) => !isSaid(option))).toEqual([]);
});

/** `Class.method` for all classes that an application can get hold of, static ones too. */
function dslMethods(): string[] {
  return Object.entries(core).flatMap(([name, value]) => {
    if (typeof value !== 'function' || NOT_DSL.test(name) || !isClass(value)) return [];
    return [...methodsOf(value.prototype), ...methodsOf(value)].map((method) => `${name}.${method}`);
  });
}

function isClass(value: object): value is { prototype: object } {
  return /^class\b/.test(String(value));
}

function methodsOf(owner: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);
}

function isDead({ path, text }: Page, link: string): boolean {
  if (/^https?:/.test(link)) return false;
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? path : normalize(join(dirname(path), target));
  if (!existsSync(join(DOCS, file))) return true;
  if (anchor === undefined) return false;
  const headings = anchorsOf(pageAt.get(file) ?? { path, text, examplePath: '' });
  return !headings.includes(anchor);
}
