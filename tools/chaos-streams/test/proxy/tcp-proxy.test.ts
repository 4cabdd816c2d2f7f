import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeResponse, encodeRequest, encodeResponse, endTxnApi, ErrorCode } from '@playhead/kafka-protocol';
import { FrameSplitter } from '../../src/proxy/frame-splitter.ts';
import { TcpProxy } from '../../src/proxy/tcp-proxy.ts';

const VERSION = 1;
const REQUEST = { transactionalId: 'id', producerId: 1, producerEpoch: 0, committed: true };

let proxy: TcpProxy;
let broker: Server;
/** Correlation ids of the requests that the broker got. */
let got: number[];
let sockets: Socket[];

/** A broker that refuses every EndTxn. */
beforeEach(async () => {
  [got, sockets] = [[], []];
  broker = createServer((socket) => {
    const frames = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        const correlationId = frame.readInt32BE(8);
        got.push(correlationId);
        const answer = { throttleTimeMs: 0, errorCode: ErrorCode.INVALID_PRODUCER_EPOCH };
        for (const part of encodeResponse(endTxnApi, VERSION, correlationId, answer)) socket.write(part);
      }
    });
  });
  await once(broker.listen(0, '127.0.0.1'), 'listening');
  proxy = await TcpProxy.listen();
  proxy.brokerPort = (broker.address() as AddressInfo).port;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => broker.close(resolve));
});

async function connect(): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port: proxy.port });
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

function send(socket: Socket, correlationId: number, clientId = 'instance-1'): void {
  for (const part of encodeRequest(endTxnApi, VERSION, { correlationId, clientId }, REQUEST)) socket.write(part);
}

const catchEndTxn = () =>
  proxy.catchNext(({ apiKey, clientId }) => apiKey === endTxnApi.key && clientId === 'instance-1', never());
const never = (): AbortSignal => new AbortController().signal;

test('a caught request reaches the broker when it is released, and what was sent after it behind it', async () => {
  const caught = catchEndTxn();
  const socket = await connect();
  send(socket, 7);
  send(socket, 8);
  const request = await caught;
  expect([request?.clientId, got]).toEqual(['instance-1', []]);
  request?.release();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(decodeResponse(endTxnApi, VERSION, answer.subarray(8)).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
  await until(() => got.length === 2);
  expect(got).toEqual([7, 8]);
});

test('a caught request reaches the broker although its sender is dead, and its refusal is counted', async () => {
  const caught = catchEndTxn();
  const socket = await connect();
  send(socket, 7);
  const request = await caught;
  socket.destroy();
  await once(socket, 'close');
  request?.release();
  await until(() => proxy.zombieWritesRefused === 1);
  expect(got).toEqual([7]);
});

test('without an answer the connection is cut when the broker has done its part', async () => {
  const caught = catchEndTxn();
  const socket = await connect();
  send(socket, 7);
  const closed = once(socket, 'close');
  let bytes = 0;
  socket.on('data', (chunk) => (bytes += chunk.length));
  (await caught)?.releaseWithoutAnswer();
  await closed;
  expect([got, bytes]).toEqual([[7], 0]);
});

test('others are let through, and who waits for a request that does not come is told', async () => {
  const wait = new AbortController();
  const caught = proxy.catchNext(({ clientId }) => clientId === 'nobody', wait.signal);
  const socket = await connect();
  send(socket, 7, 'instance-2');
  await once(socket, 'data');
  wait.abort();
  expect(await caught).toBeUndefined();
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
