import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventSchema, heartbeatSchema } from '../../src/contract/body-schemas.ts';
import type { JsonSchema } from '../../src/contract/openapi-types.ts';
import { EVENT_TYPES } from '../../src/contract/words.ts';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

/** Values that a schema accepts, with a liking for the ends of what it accepts. */
function accepted(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, maxLength = 0, minLength = 0 } = schema;
  if (name === 'type') return fc.oneof(fc.constantFrom(...EVENT_TYPES), fc.string({ maxLength }));
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'integer':
      return fc.oneof(fc.constantFrom(minimum, maximum, 0), fc.integer({ min: minimum, max: 2 ** 31 - 1 }));
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([key, value]) => [key, accepted(value, key)]);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] as never[] });
    }
    default:
      return fc.string({ unit: 'binary', minLength, maxLength });
  }
}

describe('every body that the schemas accept', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ GATEWAY_SESSION_BURST: '100000', GATEWAY_ACCOUNT_BURST: '100000' });
  });
  afterAll(() => gateway.close());

  it.each([
    ['/v1/heartbeats', heartbeatSchema],
    ['/v1/events', eventSchema],
  ])('can be written as Avro: %s', async (path, schema) => {
    await fc.assert(
      fc.asyncProperty(fc.array(accepted(schema, ''), { minLength: 1, maxLength: 5 }), async (json) => {
        const answer = await gateway.request('POST', path, { json, ticket: gateway.ticketOf() });
        expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
      }),
      { numRuns: 50 },
    );
    expect(gateway.failures).toEqual([]);
  });
});
