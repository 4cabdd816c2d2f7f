import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { runAppendixCase } from '../src/appendix-case.ts';
import type { AppendixCase } from '../src/appendix-case.ts';
import { APPENDIX_TOPOLOGIES } from '../src/appendix-topologies.ts';

/** Cases made with Kafka Streams 4.3.1; the format is appendix A of the reference. */
function readGoldens(file: string): [string, AppendixCase[]][] {
  const path = new URL(`fixtures/${file}`, import.meta.url);
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const goldens = lines.map((line) => JSON.parse(line) as AppendixCase);
  const known = goldens.filter(({ topology }) => topology in APPENDIX_TOPOLOGIES);
  return Object.entries(Object.groupBy(known, ({ topology }) => topology)) as [string, AppendixCase[]][];
}

function compare(cases: readonly AppendixCase[]): void {
  expect(cases.length).toBeGreaterThan(0);
  for (const golden of cases) {
    const { out, dropped } = golden;
    expect({ case: golden.case, ...runAppendixCase(golden) }).toEqual({ case: golden.case, out, dropped });
  }
}

describe('what Kafka Streams 4.3.1 gives for the same inputs', () => {
  test.each(readGoldens('kafka-streams.jsonl.gz'))('%s: values, order, timestamps and drops', (_name, cases) => {
    compare(cases);
  });
});

describe('the bytes that Kafka Streams 4.3.1 writes', () => {
  test.each(readGoldens('kafka-streams-bytes.jsonl.gz'))(
    '%s: every topic, changelogs and repartition topics too',
    (_name, cases) => {
      compare(cases);
    },
  );
});
