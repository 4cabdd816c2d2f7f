import { afterEach, describe, expect, test } from '@jest/globals';
import { SerdeError } from '@playhead/stream-core';
import { SchemaRegistryError, SchemaRegistrySource } from '../../src/index.ts';
import type { SchemaRegistrySourceOptions } from '../../src/index.ts';
import { startFakeRegistry } from './fake-registry.ts';
import type { FakeAnswer, FakeRequest } from './fake-registry.ts';

const SCHEMA =
  '{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"],"default":null,"doc":"A."}]}';
const LOOKUP = 'POST /subjects/t-value';
const REGISTER = 'POST /subjects/t-value/versions';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function source(
  answers: Record<string, FakeAnswer>,
  options: Partial<SchemaRegistrySourceOptions> = {},
): Promise<{ schemas: SchemaRegistrySource; requests: readonly FakeRequest[] }> {
  const { url, requests, close } = await startFakeRegistry(answers);
  closers.push(close);
  return { schemas: new SchemaRegistrySource({ url: `${url}/`, retries: 0, ...options }), requests };
}

const routes = (requests: readonly FakeRequest[]): string[] => requests.map(({ route }) => route);

describe('the id of a schema', () => {
  test('is looked up and nothing is registered where the subject has it', async () => {
    const { schemas, requests } = await source({ [LOOKUP]: [200, { id: 7 }] }, { autoRegister: true });
    expect(await schemas.idOf('t-value', SCHEMA)).toBe(7);
    expect(requests).toEqual([{ route: LOOKUP, body: { schema: SCHEMA } }]);
  });

  test('is refused where the subject does not have it and registering is not allowed', async () => {
    const { schemas, requests } = await source({});
    await expect(schemas.idOf('t-value', SCHEMA)).rejects.toThrow(SerdeError);
    await expect(schemas.idOf('t-value', SCHEMA)).rejects.toThrow(/subject t-value .*AUTO_REGISTER_SCHEMAS/);
    expect(routes(requests)).toEqual([LOOKUP, LOOKUP]);
  });

  test('is registered under BACKWARD_TRANSITIVE where that is allowed', async () => {
    const { schemas, requests } = await source(
      { [REGISTER]: [200, { id: 3 }], 'PUT /config/t-value': [200, {}] },
      { autoRegister: true },
    );
    expect(await schemas.idOf('t-value', SCHEMA)).toBe(3);
    expect(routes(requests)).toEqual([LOOKUP, 'GET /config/t-value', REGISTER, 'PUT /config/t-value']);
    expect(requests.at(-1)?.body).toEqual({ compatibility: 'BACKWARD_TRANSITIVE' });
  });

  test.each([
    ['an incompatible schema', REGISTER, 409, SerdeError],
    ['an invalid schema', REGISTER, 422, SerdeError],
    ['a registry in trouble', REGISTER, 500, SchemaRegistryError],
    ['a look-up without the right', LOOKUP, 401, SchemaRegistryError],
  ])('%s is the right kind of error', async (_name, route, status, kind) => {
    const { schemas } = await source(
      { [route]: [status, { error_code: status, message: 'because' }] },
      { autoRegister: true },
    );
    const error = await schemas.idOf('t-value', SCHEMA).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain('because');
  });

  test('is an error that may go away when nobody listens there', async () => {
    const schemas = new SchemaRegistrySource({ url: 'http://127.0.0.1:1', retries: 0, autoRegister: true });
    await expect(schemas.idOf('t-value', SCHEMA)).rejects.toThrow(SchemaRegistryError);
    await expect(schemas.schemaOf(1)).rejects.toThrow(SchemaRegistryError);
  });
});

describe('a registry that restarted ended the service that asked it', () => {
  const ANSWERS: readonly FakeAnswer[] = ['reset', [503, { message: 'later' }], [200, { id: 7, schema: SCHEMA }]];
  const inTurn = (): FakeAnswer => {
    let asked = 0;
    return () => ANSWERS[Math.min(asked++, ANSWERS.length - 1)]!;
  };

  test('a look-up is repeated when the connection is lost and when the registry is in trouble', async () => {
    const { schemas, requests } = await source({ [LOOKUP]: inTurn() }, { retries: 2, retryPauseMs: 1 });
    expect(await schemas.idOf('t-value', SCHEMA)).toBe(7);
    expect(routes(requests)).toEqual([LOOKUP, LOOKUP, LOOKUP]);
  });

  test('so is registering, and reading a schema', async () => {
    const answers = { [REGISTER]: inTurn(), 'PUT /config/t-value': [200, {}] as const, 'GET /schemas/ids/9': inTurn() };
    const { schemas } = await source(answers, { retries: 2, retryPauseMs: 1, autoRegister: true });
    expect(await schemas.idOf('t-value', SCHEMA)).toBe(7);
    expect(JSON.parse(await schemas.schemaOf(9))).toMatchObject({ name: 'R' });
  });

  test('only as often as allowed, and not what it refuses', async () => {
    const forbidden: FakeAnswer = [401, { message: 'no' }];
    const { schemas, requests } = await source(
      { [LOOKUP]: inTurn(), 'GET /schemas/ids/9': forbidden },
      { retries: 1, retryPauseMs: 1 },
    );
    await expect(schemas.idOf('t-value', SCHEMA)).rejects.toThrow(SchemaRegistryError);
    await expect(schemas.schemaOf(9)).rejects.toThrow(SchemaRegistryError);
    await expect(schemas.schemaOf(8)).rejects.toThrow(SerdeError);
    expect(routes(requests)).toEqual([LOOKUP, LOOKUP, 'GET /schemas/ids/9', 'GET /schemas/ids/8']);
  });
});

describe('the schema of an id', () => {
  const known: Record<string, FakeAnswer> = Object.fromEntries(
    [1, 2, 3].map((id) => [`GET /schemas/ids/${id}`, [200, { schema: SCHEMA }]]),
  );

  test('comes with its defaults', async () => {
    const { schemas } = await source(known);
    expect(JSON.parse(await schemas.schemaOf(1))).toMatchObject({ name: 'R', fields: [{ name: 'a', default: null }] });
  });

  test('is asked for once, and again when more ids than allowed were kept', async () => {
    const { schemas, requests } = await source(known, { maxCachedSchemas: 2 });
    for (const id of [1, 1, 2, 3, 1]) {
      await schemas.schemaOf(id);
    }
    expect(routes(requests)).toEqual([1, 2, 3, 1].map((id) => `GET /schemas/ids/${id}`));
  });

  test.each([
    ['an id that the registry does not know', 404, { error_code: 40403, message: 'Schema 9 not found' }, SerdeError],
    ['a schema that is no Avro', 200, { schema: '{"type":"object"}', schemaType: 'JSON' }, SerdeError],
    ['text that is no schema', 200, { schema: '{"type":"nothing"}' }, SerdeError],
    ['a registry in trouble', 503, { message: 'later' }, SchemaRegistryError],
  ])('%s is the right kind of error', async (_name, status, body, kind) => {
    const { schemas } = await source({ 'GET /schemas/ids/9': [status, body] });
    await expect(schemas.schemaOf(9)).rejects.toThrow(kind);
  });
});
