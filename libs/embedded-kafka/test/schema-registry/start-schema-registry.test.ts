import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_BODY_BYTES, startSchemaRegistry } from '../../src/schema-registry/start-schema-registry.ts';
import { A, AB, ok, record, refusal, startTestRegistry, type TestRegistry } from './registry-client.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startTestRegistry();
});
afterEach(() => registry.close());

describe('a restart', () => {
  const log = (): string => join(registry.dataDir, 'schema-registry', 'schemas.log');

  test('keeps ids, versions, deletions, levels and modes', async () => {
    await registry.register('one', A);
    await registry.register('one', AB);
    await registry.register('two', AB);
    await registry.call('DELETE', '/subjects/one/versions/1');
    await registry.call('PUT', '/config/one', { compatibility: 'FULL' });
    await registry.call('PUT', '/mode/two', { mode: 'READONLY' });
    const paths = [
      '/subjects',
      '/subjects/one/versions?deleted=true',
      '/subjects/one/versions',
      '/schemas/ids/2/versions',
      '/config/one',
      '/mode/two',
    ];
    const before = await Promise.all(paths.map((path) => registry.call('GET', path)));
    await registry.restart();
    expect(await Promise.all(paths.map((path) => registry.call('GET', path)))).toEqual(before);
    expect(await registry.register('three', record('c'))).toEqual(ok({ id: 3 }));
  });

  test('after a crash within a write loses only what was never acknowledged', async () => {
    await registry.register('one', A);
    const whole = readFileSync(log());
    await registry.register('one', AB);
    const torn = readFileSync(log()).subarray(0, -7);
    writeFileSync(log(), torn);
    await registry.restart();
    expect(readFileSync(log())).toEqual(whole);
    expect(await registry.register('one', AB)).toEqual(ok({ id: 2 }));
    await registry.restart();
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([1, 2]));
  });

  test('refuses a log that is damaged within, naming the line', async () => {
    await registry.register('one', A);
    const bytes = readFileSync(log());
    appendFileSync(log(), bytes);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(log(), Buffer.concat([bytes, readFileSync(log()).subarray(bytes.length)]));
    await expect(startSchemaRegistry({ dataDir: registry.dataDir, port: 0 })).rejects.toThrow(/damaged in line 1/);
  });

  test('writes a log anew that says much more than it needs', async () => {
    await registry.call('PUT', '/config', { compatibility: 'FULL' });
    const line = readFileSync(log(), 'utf8');
    await registry.register('one', A);
    appendFileSync(log(), line.repeat(1000));
    await registry.restart();
    expect(readFileSync(log(), 'utf8').trimEnd().split('\n')).toHaveLength(3);
    expect(await registry.call('GET', '/config')).toEqual(ok({ compatibilityLevel: 'FULL' }));
    expect(await registry.register('one', AB)).toEqual(ok({ id: 2 }));
    await registry.restart();
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([1, 2]));
  });

  test('on a port in use is refused and leaves the log closed', async () => {
    const port = Number(new URL(registry.url).port);
    await expect(startSchemaRegistry({ dataDir: registry.dataDir, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

describe('a request', () => {
  test.each<[string, string, object]>([
    ['that is no JSON', '{', refusal(400, 400)],
    ['that is no object', '[1]', refusal(400, 400)],
    ['that is too long', JSON.stringify({ schema: 'x'.repeat(MAX_BODY_BYTES) }), refusal(413, 413)],
    ['whose schema nests too deep', JSON.stringify({ schema: '['.repeat(100_000) }), refusal(422, 42201)],
  ])('%s is refused, and the next one is served', async (_name, body, expected) => {
    expect(await registry.call('POST', '/subjects/one/versions', body)).toEqual(expected);
    expect(await registry.register('one', A)).toEqual(ok({ id: 1 }));
  });
});
