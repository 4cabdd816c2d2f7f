import { describe, expect, test } from '@jest/globals';
import { CLIENTS } from '../src/clients.ts';
import { CAPABILITIES } from '../src/cases/conformance-case.ts';
import { CASES } from '../src/cases/index.ts';
import { plan } from '../src/run-cases.ts';

const installed = { version: '1', open: () => Promise.reject(new Error('not here')) as never };
const tried = CLIENTS.map((client) => ({ client, installed }));

describe('the plan', () => {
  test('has every capability of every client, but for a Kafka Streams application that seeks', () => {
    const planned = new Set(
      plan(tried, []).map(({ tried: { client }, test: { capability } }) => `${client.name}: ${capability}`),
    );
    const all = CLIENTS.flatMap(({ name }) => CAPABILITIES.map((capability) => `${name}: ${capability}`));
    expect(all.filter((one) => !planned.has(one))).toEqual(['kafka-streams: seek by time']);
  });

  test('has every case that there is', () => {
    const planned = new Set(plan(tried, []).map(({ test }) => test.name));
    expect(CASES.map(({ name }) => name).filter((name) => !planned.has(name))).toEqual([]);
  });

  test('has only the cases that were asked for', () => {
    const planned = plan(tried, ['finds-and-reads-from-a-time']);
    expect(planned.map(({ tried: { client } }) => client.name)).toEqual([
      'kcat',
      'confluent-kafka',
      'aiokafka',
      'kafka-clients',
    ]);
  });
});
