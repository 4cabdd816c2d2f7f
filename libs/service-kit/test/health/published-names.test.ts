import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { publishedName } from '../../src/health/streams-metrics.ts';

const page = readFileSync(new URL('../../../stream-core/docs/metrics.md', import.meta.url), 'utf8');
const rows = Array.from(page.matchAll(/^\| `([\w-]+)` \| `(\w+)` \|/gm), ([, name = '', published = '']) => ({
  name,
  published,
}));

/** By the beginning of what they are published as. */
const groupOf = (published: string): string =>
  ({ task: 'stream-task-metrics', store: 'stream-state-metrics', topic: 'stream-topic-metrics' })[
    /^streams_(task|store|topic)_/.exec(published)?.[1] ?? ''
  ] ?? 'stream-thread-metrics';

test('the page of metrics names them as they are published, each once', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(new Set(rows.map(({ published }) => published)).size).toBe(rows.length);
  for (const { name, published } of rows) {
    const group = name.startsWith('task-') && name !== 'task-caught-up' ? 'stream-thread-metrics' : groupOf(published);
    expect([name, publishedName({ group, name })]).toEqual([name, published]);
  }
});
