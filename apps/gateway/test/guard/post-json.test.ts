import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AnswerTimeoutError, postJson } from '../../src/guard/post-json.ts';

const WHOLE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{';

let server: Server;
let url: string;
let sockets: Socket[];
/** What becomes of each question, in order; those beyond are answered. */
let next: ((socket: Socket) => void)[];
let questions: number;

const answer = (socket: Socket): void => void socket.write(WHOLE);
const post = (withinMs: number) =>
  postJson(url, { authorization: 'Bearer token', body: '{}', endMs: performance.now() + withinMs });

beforeEach(async () => {
  [sockets, next, questions] = [[], [], 0];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      questions++;
      (next.shift() ?? answer)(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a whole answer comes with its status', async () => {
  expect(await post(30_000)).toEqual({ status: 200, text: '{}' });
});

test('a reset in the middle of an answer on a kept connection was told twice and the question sent again', async () => {
  next = [
    answer,
    (socket) => {
      socket.write(HEAD);
      setImmediate(() => socket.resetAndDestroy());
    },
  ];
  await post(30_000);
  await expect(post(30_000)).rejects.toThrow();
  await post(30_000);
  expect(questions).toBe(3);
});

test('half an answer is none in time, and the question is not sent again', async () => {
  next = [answer, (socket) => void socket.write(HEAD)];
  await post(30_000);
  await expect(post(20)).rejects.toThrow(AnswerTimeoutError);
  await post(30_000);
  expect(questions).toBe(3);
});

test('a question that was sent again had its whole time anew', async () => {
  next = [answer, (socket) => socket.destroy(), () => undefined];
  await post(30_000);
  const endMs = performance.now() + 200;
  await expect(postJson(url, { authorization: 'Bearer token', body: '{}', endMs })).rejects.toThrow(AnswerTimeoutError);
  expect(questions).toBe(3);
});
