import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { record, startTestRegistry } from './registry-client.ts';
import type { TestRegistry } from './registry-client.ts';

let registry: TestRegistry;
let client: SchemaRegistry;
beforeEach(async () => {
  registry = await startTestRegistry();
  client = new SchemaRegistry({ host: registry.url, retry: { retries: 0 } });
});
afterEach(() => registry.close());

const avro = (schema: object): { type: SchemaType.AVRO; schema: string } => ({
  type: SchemaType.AVRO,
  schema: JSON.stringify(schema),
});
const A = avro(record('a'));
const AB = avro(record('a', { name: 'b', type: 'int', default: 7 }));

test('@kafkajs/confluent-schema-registry registers, sets the level, and finds the schema again', async () => {
  const { id } = await client.register(A, { subject: 'one', compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE });
  expect(await client.getRegistryIdBySchema('one', A)).toBe(id);
  expect(await client.getLatestSchemaId('one')).toBe(id);
  expect(await client.getRegistryId('one', 1)).toBe(id);
  expect((await registry.call('GET', '/config/one')).body).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
});

test('@kafkajs/confluent-schema-registry encodes, and another instance decodes what an older schema wrote', async () => {
  const old = await client.register(A, { subject: 'one' });
  const bytes = await client.encode(old.id, { a: 5 });
  await client.register(AB, { subject: 'one' });
  const reader = new SchemaRegistry({ host: registry.url }, {});
  const options = { [SchemaType.AVRO]: { readerSchema: record('a', { name: 'b', type: 'int', default: 7 }) as never } };
  expect(await reader.decode(bytes, options)).toEqual({ a: 5, b: 7 });
});

test('@kafkajs/confluent-schema-registry reports what the registry refuses', async () => {
  await client.register(A, { subject: 'one' });
  await expect(client.register(avro(record({ name: 'a', type: 'string' })), { subject: 'one' })).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining('incompatible with an earlier schema'),
  });
  await expect(client.getRegistryIdBySchema('one', AB)).rejects.toThrow('Schema not found');
  await expect(client.getSchema(99)).rejects.toMatchObject({ status: 404 });
});
