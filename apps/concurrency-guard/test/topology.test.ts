import { expect, test } from '@jest/globals';
import { createTopics } from '@playhead/event-schemas';
import { readFileSync } from 'node:fs';
import { buildTopology } from '../src/topology.ts';

test('is the one that was reviewed', () => {
  const golden = readFileSync(new URL('golden/topology.txt', import.meta.url), 'utf8');
  expect(buildTopology().describe()).toBe(golden);
});

test('is one sub-topology, so that an account has one task and both stores are its own', () => {
  const { subtopologies } = buildTopology().plan('concurrency-guard');
  expect(subtopologies).toHaveLength(1);
});

test("takes the installation's topics", () => {
  const text = buildTopology({ topics: createTopics({ prefix: 'staging.' }) }).describe();
  expect(text.match(/topics?: \[?(staging\.)?/g)).toEqual([
    'topics: [staging.',
    'topics: [staging.',
    'topic: staging.',
    'topic: staging.',
    'topic: staging.',
    'topics: [staging.',
    'topics: [staging.',
  ]);
});
