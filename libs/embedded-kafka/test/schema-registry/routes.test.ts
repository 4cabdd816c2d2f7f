import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { A, AB, ok, record, refusal, startTestRegistry, type TestRegistry } from './registry-client.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startTestRegistry();
});
afterEach(() => registry.close());

const text = (schema: object): string => JSON.stringify(schema);

describe('registering', () => {
  test('gives ids from 1 on and versions in each subject', async () => {
    expect(await registry.register('one', A)).toEqual(ok({ id: 1 }));
    expect(await registry.register('one', AB)).toEqual(ok({ id: 2 }));
    expect(await registry.register('two', AB)).toEqual(ok({ id: 2 }));
    expect(await registry.call('GET', '/subjects')).toEqual(ok(['one', 'two']));
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([1, 2]));
    expect(await registry.call('GET', '/subjects/two/versions/1')).toEqual(
      ok({ subject: 'two', version: 1, id: 2, schema: text(AB) }),
    );
  });

  test('the same schema again makes no new version, however it is written', async () => {
    await registry.register('one', A);
    const spaced = JSON.stringify(
      { fields: [{ type: { type: 'int' }, name: 'a' }], name: 'R', type: 'record' },
      null,
      2,
    );
    expect(await registry.call('POST', '/subjects/one/versions', { schema: spaced })).toEqual(ok({ id: 1 }));
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([1]));
  });

  test('an incompatible schema is 409 and leaves the subject as it was', async () => {
    await registry.register('one', A);
    const answer = await registry.register('one', record({ name: 'a', type: 'string' }));
    expect(answer).toEqual(refusal(409, 409));
    expect(answer.body).toMatchObject({ message: expect.stringContaining('version 1') });
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([1]));
  });

  test.each<[string, object, object]>([
    ['no schema', {}, refusal(422, 42201)],
    ['a schema that is no JSON', { schema: '{' }, refusal(422, 42201)],
    ['a schema that is no Avro', { schema: '{"type":"table"}' }, refusal(422, 42201)],
    [
      'a default of the wrong type',
      { schema: text(record({ name: 'a', type: 'int', default: 'x' })) },
      refusal(422, 42201),
    ],
    ['another type of schema', { schema: '{}', schemaType: 'JSON' }, refusal(422, 42201)],
    ['references', { schema: '"int"', references: [{ name: 'x', subject: 'x', version: 1 }] }, refusal(422, 42201)],
  ])('%s is refused', async (_name, body, expected) => {
    expect(await registry.call('POST', '/subjects/one/versions', body)).toEqual(expected);
    expect(await registry.call('GET', '/subjects')).toEqual(ok([]));
  });

  test('a subject keeps its name through any characters that a path allows', async () => {
    await registry.register('a/b c%', A);
    expect(await registry.call('GET', '/subjects')).toEqual(ok(['a/b c%']));
    expect(await registry.call('GET', `/subjects/${encodeURIComponent('a/b c%')}/versions`)).toEqual(ok([1]));
  });

  test('a control character in a subject is refused', async () => {
    expect(await registry.register('a\u0001', A)).toEqual(refusal(422, 42208));
  });
});

describe('looking up', () => {
  beforeEach(async () => {
    await registry.register('one', A);
    await registry.register('one', AB);
  });

  test.each<[string, string, object | undefined, object]>([
    ['POST', '/subjects/one', { schema: text(AB) }, ok({ subject: 'one', version: 2, id: 2, schema: text(AB) })],
    ['POST', '/subjects/one', { schema: '"int"' }, refusal(404, 40403)],
    ['POST', '/subjects/none', { schema: text(A) }, refusal(404, 40401)],
    ['GET', '/subjects/none/versions', undefined, refusal(404, 40401)],
    ['GET', '/subjects/none/versions/1', undefined, refusal(404, 40401)],
    ['GET', '/subjects/one/versions/3', undefined, refusal(404, 40402)],
    ['GET', '/subjects/one/versions/0', undefined, refusal(422, 42202)],
    ['GET', '/subjects/one/versions/x', undefined, refusal(422, 42202)],
    ['GET', '/subjects/one/versions/2147483648', undefined, refusal(422, 42202)],
    ['GET', '/subjects/one/versions/latest', undefined, ok({ subject: 'one', version: 2, id: 2, schema: text(AB) })],
    ['GET', '/subjects/one/versions/-1', undefined, ok({ subject: 'one', version: 2, id: 2, schema: text(AB) })],
    ['GET', '/subjects/one/versions/1/schema', undefined, ok(A)],
    ['GET', '/subjects/one/versions/1/referencedby', undefined, ok([])],
    ['GET', '/subjects?subjectPrefix=on', undefined, ok(['one'])],
    ['GET', '/subjects?subjectPrefix=tw', undefined, ok([])],
    ['GET', '/schemas/ids/1', undefined, ok({ schema: text(A) })],
    ['GET', '/schemas/ids/1?fetchMaxId=true', undefined, ok({ schema: text(A), maxId: 2 })],
    ['GET', '/schemas/ids/1/schema', undefined, ok(A)],
    ['GET', '/schemas/ids/1/subjects', undefined, ok(['one'])],
    ['GET', '/schemas/ids/2/versions', undefined, ok([{ subject: 'one', version: 2 }])],
    ['GET', '/schemas/ids/9', undefined, refusal(404, 40403)],
    ['GET', '/schemas/ids/9/versions', undefined, refusal(404, 40403)],
    ['GET', '/schemas/ids/x', undefined, refusal(404, 40403)],
    ['GET', '/schemas/types', undefined, ok(['AVRO'])],
    ['GET', '/', undefined, ok({})],
    ['GET', '/contexts', undefined, ok(['.'])],
    ['GET', '/nowhere', undefined, refusal(404, 404)],
    ['GET', '//', undefined, refusal(400, 400)],
    ['PUT', '/subjects', {}, refusal(405, 405)],
    ['GET', '/subjects/%zz/versions', undefined, refusal(400, 400)],
  ])('%s %s', async (method, path, body, expected) => {
    expect(await registry.call(method, path, body)).toEqual(expected);
  });
});

describe('compatibility', () => {
  test.each<[string, object | undefined, boolean]>([
    ['latest', AB, true],
    ['latest', record({ name: 'a', type: 'string' }), false],
    ['1', record('a', 'b'), false],
    ['', record('a', 'b'), false],
    ['', AB, true],
  ])('of version "%s": %#', async (version, schema, compatible) => {
    await registry.register('one', A);
    const path = `/compatibility/subjects/one/versions${version === '' ? '' : `/${version}`}?verbose=true`;
    const answer = await registry.call('POST', path, { schema: text(schema ?? {}) });
    expect(answer).toMatchObject(ok({ is_compatible: compatible }));
    expect((answer.body as { messages: string[] }).messages.length > 0).toBe(!compatible);
  });

  test('of a subject without versions: anything may be the first, and no other version is there', async () => {
    const body = { schema: text(A) };
    expect(await registry.call('POST', '/compatibility/subjects/no/versions/latest', body)).toEqual(
      ok({ is_compatible: true }),
    );
    expect(await registry.call('POST', '/compatibility/subjects/no/versions/1', body)).toEqual(refusal(404, 40402));
  });

  test('a level is set for all, for one subject, and taken back', async () => {
    const steps: [string, string, object | undefined, object][] = [
      ['GET', '/config', undefined, ok({ compatibilityLevel: 'BACKWARD' })],
      ['GET', '/config/one', undefined, refusal(404, 40408)],
      ['GET', '/config/one?defaultToGlobal=true', undefined, ok({ compatibilityLevel: 'BACKWARD' })],
      ['PUT', '/config', { compatibility: 'full' }, ok({ compatibility: 'FULL' })],
      ['PUT', '/config', { compatibility: 'SOME' }, refusal(422, 42203)],
      ['PUT', '/config/one', { compatibility: 'NONE' }, ok({ compatibility: 'NONE' })],
      ['GET', '/config/one', undefined, ok({ compatibilityLevel: 'NONE' })],
      ['DELETE', '/config/one', undefined, ok({ compatibilityLevel: 'NONE' })],
      ['DELETE', '/config/one', undefined, refusal(404, 40401)],
      ['DELETE', '/config', undefined, ok({ compatibilityLevel: 'FULL' })],
      ['GET', '/config', undefined, ok({ compatibilityLevel: 'BACKWARD' })],
    ];
    for (const [method, path, body, expected] of steps) {
      expect([method, path, await registry.call(method, path, body)]).toEqual([method, path, expected]);
    }
  });

  test("a subject's own level decides what may be registered there", async () => {
    await registry.register('one', A);
    await registry.call('PUT', '/config/one', { compatibility: 'NONE' });
    expect(await registry.register('one', record({ name: 'a', type: 'string' }))).toEqual(ok({ id: 2 }));
  });
});

describe('deleting', () => {
  beforeEach(async () => {
    await registry.register('one', A);
    await registry.register('one', AB);
  });

  test('a subject: softly, then for good', async () => {
    const steps: [string, string, object][] = [
      ['DELETE', '/subjects/none', refusal(404, 40401)],
      ['DELETE', '/subjects/one?permanent=true', refusal(404, 40405)],
      ['DELETE', '/subjects/one', ok([1, 2])],
      ['DELETE', '/subjects/one', refusal(404, 40404)],
      ['GET', '/subjects', ok([])],
      ['GET', '/subjects?deleted=true', ok(['one'])],
      ['GET', '/subjects/one/versions', refusal(404, 40401)],
      ['GET', '/subjects/one/versions?deleted=true', ok([1, 2])],
      ['GET', '/schemas/ids/1', ok({ schema: text(A) })],
      ['DELETE', '/subjects/one?permanent=true', ok([1, 2])],
      ['GET', '/subjects?deleted=true', ok([])],
      ['GET', '/schemas/ids/1', refusal(404, 40403)],
    ];
    for (const [method, path, expected] of steps) {
      expect([method, path, await registry.call(method, path)]).toEqual([method, path, expected]);
    }
  });

  test('a version: softly, then for good', async () => {
    const steps: [string, string, object][] = [
      ['DELETE', '/subjects/one/versions/9', refusal(404, 40402)],
      ['DELETE', '/subjects/one/versions/1?permanent=true', refusal(404, 40407)],
      ['DELETE', '/subjects/one/versions/1', ok(1)],
      ['DELETE', '/subjects/one/versions/1', refusal(404, 40406)],
      ['GET', '/subjects/one/versions', ok([2])],
      ['GET', '/subjects/one/versions/1', refusal(404, 40402)],
      ['GET', '/subjects/one/versions/1/schema?deleted=true', ok(A)],
      ['DELETE', '/subjects/one/versions/1?permanent=true', ok(1)],
      ['GET', '/subjects/one/versions?deleted=true', ok([2])],
      ['DELETE', '/subjects/one/versions/latest', ok(2)],
      ['GET', '/subjects', ok([])],
    ];
    for (const [method, path, expected] of steps) {
      expect([method, path, await registry.call(method, path)]).toEqual([method, path, expected]);
    }
  });

  test('a softly deleted version comes back under a new number and its old id', async () => {
    await registry.call('DELETE', '/subjects/one');
    expect(await registry.register('one', A)).toEqual(ok({ id: 1 }));
    expect(await registry.call('GET', '/subjects/one/versions')).toEqual(ok([3]));
  });

  test('an id is never given twice, not even after all was deleted and a restart', async () => {
    await registry.call('DELETE', '/subjects/one');
    await registry.call('DELETE', '/subjects/one?permanent=true');
    await registry.restart();
    expect(await registry.register('one', A)).toEqual(ok({ id: 3 }));
  });

  test('a softly deleted version no longer counts for compatibility', async () => {
    await registry.call('DELETE', '/subjects/one');
    expect(await registry.register('one', record({ name: 'a', type: 'string' }))).toEqual(ok({ id: 3 }));
  });

  test('takes the level and the mode of the subject along', async () => {
    await registry.call('PUT', '/config/one', { compatibility: 'FULL' });
    await registry.call('DELETE', '/subjects/one');
    expect(await registry.call('GET', '/config/one')).toEqual(refusal(404, 40408));
  });
});

describe('modes', () => {
  test('READONLY refuses registering and deleting, IMPORT takes ids and versions', async () => {
    await registry.register('one', A);
    const imported = { schema: text(AB), id: 40, version: 7 };
    const steps: [string, string, object | undefined, object][] = [
      ['GET', '/mode', undefined, ok({ mode: 'READWRITE' })],
      ['GET', '/mode/one', undefined, refusal(404, 40409)],
      ['PUT', '/mode/one', { mode: 'SLEEP' }, refusal(422, 42204)],
      ['PUT', '/mode/one', { mode: 'READONLY' }, ok({ mode: 'READONLY' })],
      ['POST', '/subjects/one/versions', { schema: text(AB) }, refusal(422, 42205)],
      ['POST', '/subjects/one/versions', { schema: text(A) }, ok({ id: 1 })],
      ['DELETE', '/subjects/one', undefined, refusal(422, 42205)],
      ['DELETE', '/mode/one', undefined, ok({ mode: 'READONLY' })],
      ['POST', '/subjects/one/versions', imported, refusal(422, 42205)],
      ['PUT', '/mode/one', { mode: 'IMPORT' }, refusal(422, 42205)],
      ['PUT', '/mode/two', { mode: 'IMPORT' }, ok({ mode: 'IMPORT' })],
      ['POST', '/subjects/two/versions', imported, ok({ id: 40 })],
      ['GET', '/subjects/two/versions', undefined, ok([7])],
      ['POST', '/subjects/two/versions', { schema: text(record('c')), id: 40 }, refusal(422, 42207)],
      ['PUT', '/mode', { mode: 'READONLY_OVERRIDE' }, ok({ mode: 'READONLY_OVERRIDE' })],
      ['POST', '/subjects/two/versions', { schema: text(record('c')), id: 41 }, refusal(422, 42205)],
    ];
    for (const [method, path, body, expected] of steps) {
      expect([method, path, await registry.call(method, path, body)]).toEqual([method, path, expected]);
    }
  });
});
