import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import { resolveConfig } from '../src/runtime/streams-config.ts';
import { countBeats } from './readme-runtime-example.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the example of the runtime and the client gives what it says, and is the one that runs here', async () => {
  const broker = await startTestBroker();
  try {
    expect(await countBeats([broker.address])).toEqual(['asked: 1', 'read: demo/s-1 1']);
  } finally {
    await broker.close();
  }
  expect(read('../README.md')).toContain(read('./readme-runtime-example.ts').trimEnd());
});

test('the table of settings has every numeric one, with its default', () => {
  const rows = Array.from(read('../README.md').matchAll(/^\| `(\w+)` \| ([−\d,]+) \|/gm), ([, name, value]) => [
    name,
    Number(value?.replace('−', '-').replaceAll(',', '')),
  ]);
  const config = resolveConfig({ applicationId: 'app', kafka: { brokers: ['127.0.0.1:1'], clientId: 'app' } });
  const numbers = Object.entries(config).filter(([, value]) => typeof value === 'number');
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(numbers));
});

test('the file map of the README names folders that exist, all of them', () => {
  const named = Array.from(read('../README.md').matchAll(/^\| `src\/([a-z]+)` \|/gm), ([, folder]) => folder);
  expect(named.sort()).toEqual([
    'dsl',
    'internal',
    'kafka',
    'processor',
    'runtime',
    'serde',
    'state',
    'testing',
    'topology',
  ]);
});
