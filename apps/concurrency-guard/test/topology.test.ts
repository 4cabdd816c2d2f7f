import { expect, test } from '@jest/globals';
import { createTopics, newTenantPolicy, policyKey, topics } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { readFileSync } from 'node:fs';
import { PolicyBook } from '../src/policies/policy-book.ts';
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

test('a policy that is set again behind its tombstone has the version of its place in the topic', async () => {
  const book = new PolicyBook();
  const driver = await TopologyTestDriver.create(buildTopology({ book }), { schemas: new InMemorySchemas() });
  const policies = driver.createInputTopic(topics.policies);
  const key = policyKey('demo', 'p');
  const record = newTenantPolicy({ tenant: 'demo', policy: 'p', version: 0, updatedAt: 1 });
  policies.pipeInput(record, key, 1);
  expect(book.stored('demo')).toMatchObject({ p: { version: 1 } });
  policies.pipeInput(null, key, 2);
  expect(book.stored('demo')).toEqual({});
  policies.pipeInput(record, key, 3);
  expect(book.stored('demo')).toMatchObject({ p: { version: 3 } });
});
