import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { serdes } from '../../src/serde/serdes.ts';
import { stores } from '../../src/state/stores.ts';
import { Topology } from '../../src/topology/topology.ts';
import { eventually } from './runtime-fakes.ts';

const topology = (): Topology =>
  new Topology()
    .addSource({ name: 'in', topics: ['beats'], key: serdes.string, value: serdes.string })
    .addProcessor({ name: 'keep', supplier: () => ({ process: () => {} }), parents: ['in'] })
    .addStateStore(stores.keyValue({ name: 'kept', key: serdes.string, value: serdes.string }), ['keep']);

const application = (broker = '127.0.0.1:1', retryTimeoutMs = 60_000): KafkaStreams =>
  new KafkaStreams(topology(), {
    applicationId: 'app',
    kafka: { brokers: [broker], clientId: 'app', retryTimeoutMs },
  });

/** A port on which nobody listens. */
async function deafPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an application without a broker', () => {
  test('connects to nothing before it is started', () => {
    const streams = application();
    expect(streams.state).toBe('CREATED');
    expect([streams.tasks(), streams.metadataForAllInstances(), streams.restoreProgress()]).toEqual([[], [], []]);
    expect([streams.isCaughtUp, streams.error]).toEqual([false, undefined]);
  });

  test('names its stores when it is asked for another one', () => {
    expect(() => application().query('nope')).toThrow('the topology has no store "nope"; it has: kept');
    expect(() => application().store('nope')).toThrow(expect.objectContaining({ reason: 'UNKNOWN_STORE' }));
  });

  test('answers nothing before it is started and after it is closed', async () => {
    const streams = application();
    const query = streams.query('kept');
    await expect(query.get('a')).rejects.toMatchObject({ reason: 'NOT_RUNNING' });
    expect(() => streams.queryMetadataForKey('kept', 'a')).toThrow(expect.objectContaining({ reason: 'NOT_RUNNING' }));
    expect(await streams.close()).toBe(true);
    expect(streams.state).toBe('NOT_RUNNING');
    await expect(query.get('a')).rejects.toMatchObject({ reason: 'NOT_RUNNING' });
    expect(streams.store('kept').size).toBe(0);
  });

  test('is started once, and never after it was closed', async () => {
    const streams = application();
    const states: string[] = [];
    streams.onStateChange((state) => states.push(state));
    const started = streams.start();
    await expect(streams.start()).rejects.toThrow('start() in state REBALANCING; allowed: CREATED');
    await streams.close();
    await expect(started).rejects.toMatchObject({ code: 'STREAMS_INVALID_STATE' });
    await expect(streams.start()).rejects.toThrow('start() in state NOT_RUNNING');
    expect(states).toEqual(['REBALANCING', 'PENDING_SHUTDOWN', 'NOT_RUNNING']);
  });

  test('gives up when no broker answers within the time for retries, and says so', async () => {
    const streams = application(`127.0.0.1:${await deafPort()}`, 200);
    const states: string[] = [];
    streams.onStateChange((state) => states.push(state));
    await expect(streams.start()).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    await eventually(() => streams.state === 'ERROR', 'the state ERROR');
    expect(states).toEqual(['REBALANCING', 'PENDING_ERROR', 'ERROR']);
    expect(streams.error).toMatchObject({ code: 'STREAMS_BROKER' });
    expect(await streams.close()).toBe(true);
    expect(streams.state).toBe('ERROR');
  });
});
