import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { record, startTestRegistry, type TestRegistry } from './registry-client.ts';

let registry: TestRegistry;

// Subjects a, b and c; of c both versions are deleted, of b the first.
beforeAll(async () => {
  registry = await startTestRegistry();
  for (const subject of ['a', 'b', 'c']) {
    await registry.register(subject, record('x'));
    await registry.register(subject, record('x', { name: 'y', type: 'int', default: 0 }));
  }
  await registry.call('DELETE', '/subjects/b/versions/1');
  await registry.call('DELETE', '/subjects/c');
});

afterAll(() => registry.close());

test.each<[string, unknown]>([
  ['/subjects', ['a', 'b']],
  ['/subjects?deleted=true', ['a', 'b', 'c']],
  ['/subjects?deletedOnly=true', ['c']],
  ['/subjects?deleted=true&offset=1&limit=1', ['b']],
  ['/subjects?limit=0', []],
  ['/subjects?offset=7', []],
  ['/subjects/b/versions', [2]],
  ['/subjects/b/versions?deletedOnly=true', [1]],
  ['/subjects/a/versions?offset=1', [2]],
  ['/schemas/ids/1/subjects', ['a']],
  ['/schemas/ids/1/subjects?deleted=true&limit=2', ['a', 'b']],
])('GET %s answers %j', async (path, expected) => {
  expect(await registry.call('GET', path)).toEqual({ status: 200, body: expected });
});

test.each<[string, readonly [string, number][]]>([
  [
    '/schemas',
    [
      ['a', 1],
      ['a', 2],
      ['b', 2],
    ],
  ],
  [
    '/schemas?latestOnly=true',
    [
      ['a', 2],
      ['b', 2],
    ],
  ],
  [
    '/schemas?subjectPrefix=b&deleted=true',
    [
      ['b', 1],
      ['b', 2],
    ],
  ],
  ['/schemas?offset=1&limit=1', [['a', 2]]],
])('GET %s lists the versions %j', async (path, expected) => {
  const { body } = await registry.call('GET', path);
  const listed = (body as { subject: string; version: number }[]).map(({ subject, version }) => [subject, version]);
  expect(listed).toEqual(expected);
});

test('the mode of all subjects returns to its default when it is deleted', async () => {
  await registry.call('PUT', '/mode', { mode: 'READONLY' });
  expect(await registry.call('DELETE', '/mode')).toEqual({ status: 200, body: { mode: 'READONLY' } });
  expect(await registry.call('GET', '/mode')).toEqual({ status: 200, body: { mode: 'READWRITE' } });
});
