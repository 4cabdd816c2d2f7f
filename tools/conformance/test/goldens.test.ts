import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { checkFiles } from '../src/check-files.ts';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

/** Cases made with Kafka Streams 4.3.1: how many there are, and how many differ by design. */
const TOTALS: Readonly<Record<string, string>> = {
  'describe.jsonl.gz': 'identical 15 of 15, by design 0',
  'edge.jsonl.gz': 'identical 49 of 52, by design 3',
  'edge-2.jsonl.gz': 'identical 338 of 338, by design 0',
  'kafka-streams.jsonl.gz': 'identical 344 of 344, by design 0',
  'kafka-streams-bytes.jsonl.gz': 'identical 86 of 86, by design 0',
  'random-topologies.jsonl.gz': 'identical 598 of 600, by design 2',
  'random-topologies-2.jsonl.gz': 'identical 500 of 500, by design 0',
};

it.each(readdirSync(fixtures))('%s gives what it gives in Kafka Streams 4.3.1', (file) => {
  const printed: string[] = [];
  expect(checkFiles([fixtures + file], (line) => printed.push(line))).toBe(true);
  expect(printed).toEqual([TOTALS[file]]);
});

it('the adapter is small enough to be read: an interpreter of the format, on the public DSL', () => {
  const folder = new URL('../src/adapter/', import.meta.url);
  const lines = readdirSync(folder).flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n'),
  );
  expect(lines.length).toBeLessThan(500);
  const imports = lines.flatMap((line) => /from '([^.'][^']*)'/.exec(line)?.[1] ?? []);
  expect(new Set(imports)).toEqual(new Set(['@playhead/stream-core', '@playhead/stream-core/testing']));
});
