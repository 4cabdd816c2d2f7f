import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { sourcePieces } from '../../src/testing.ts';
import { renderFile } from '../render-file.ts';
import { packageFile, schemas } from '../schemas.ts';

interface Node {
  readonly name?: string;
  readonly type?: unknown;
  readonly doc?: string;
  readonly default?: unknown;
  readonly symbols?: readonly string[];
  readonly fields?: readonly Node[];
}

/** Identity, time and what is decided: the only fields that a writer has to give. */
const MANDATORY = new Set(
  (
    'eventId tenant account session type receivedTime eventTime decidedTime decision verdict updatedAt ' +
    // Within a conflict, a policy and nothing else:
    'startedAt lastSeenAt policy version outcome'
  ).split(' '),
);

function nodesOf(value: unknown): readonly Node[] {
  if (Array.isArray(value)) {
    return value.flatMap(nodesOf);
  }
  return value !== null && typeof value === 'object' ? [value, ...Object.values(value).flatMap(nodesOf)] : [];
}

test('covers every file under avro/', () => {
  const files = readdirSync(new URL('../../avro', import.meta.url)).sort();
  expect(files).toEqual(schemas.map(({ file }) => `${file}.avsc`));
});

test.each(schemas)('$file: the TypeScript types say what the schema says', ({ file, text, constant }) => {
  const expected = renderFile(text, constant, `${file}.avsc`);
  expect(sourcePieces(packageFile(`src/events/${file}.ts`))).toEqual(sourcePieces(expected));
});

test.each(schemas)('$file: every field and every named type has a doc', ({ text }) => {
  const undocumented = nodesOf(JSON.parse(text))
    .filter((node) => node.name !== undefined && (node.doc ?? '').length < 5)
    .map((node) => node.name);
  expect(undocumented).toEqual([]);
});

test.each(schemas)('$file: every enum falls back to UNKNOWN', ({ text }) => {
  const enums = nodesOf(JSON.parse(text)).filter((node) => node.type === 'enum');
  expect(enums.map((node) => [node.name, node.symbols?.[0], node.default])).toEqual(
    enums.map((node) => [node.name, 'UNKNOWN', 'UNKNOWN']),
  );
});

test.each(schemas)('$file: only identity, time and type are mandatory', ({ text }) => {
  const root = JSON.parse(text) as Node;
  const mandatory = nodesOf(root.fields ?? [])
    .filter((node) => node.type !== undefined && node.doc !== undefined && node.fields === undefined)
    .filter((node) => node.symbols === undefined && node.default === undefined)
    .map((node) => node.name ?? '');
  expect(mandatory.filter((name) => !MANDATORY.has(name))).toEqual([]);
  expect(mandatory.length).toBeGreaterThan(0);
});

test('says a type that two schemas share the same way', () => {
  const said = new Map<string, string>();
  for (const { text } of schemas) {
    for (const node of nodesOf(JSON.parse(text))) {
      if (node.name !== undefined && (node.symbols !== undefined || node.fields !== undefined)) {
        const first = said.get(node.name) ?? JSON.stringify(node);
        said.set(node.name, first);
        expect(JSON.stringify(node)).toBe(first);
      }
    }
  }
  expect(said.has('CmcdIdentity')).toBe(true);
});
