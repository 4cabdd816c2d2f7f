import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainConnections } from '../../src/http/plain-connections.ts';
import { MAX_BODY_BYTES, PlainServer, post } from '../testing/plain-server.ts';

describe('plain connections', () => {
  let plain: PlainServer;

  beforeEach(async () => {
    plain = await PlainServer.start();
  });
  afterEach(async () => {
    await plain.close();
    expect(plain.failures).toEqual([]);
  });

  it('answer one request after the other as node:http would', async () => {
    const { send, answer } = plain.client();
    for (const body of ['a', 'b', 'c']) {
      send(post(body));
      const { status, head, body: text } = await answer();
      expect([status, text]).toEqual([200, JSON.stringify({ hot: body })]);
      expect(head.replace(/date: .*/, 'date: …').split('\r\n')).toEqual([
        'HTTP/1.1 200 OK',
        'vary: Origin',
        'content-type: application/json',
        'cache-control: no-store',
        'content-length: 11',
        'retry-after: 1',
        'keep-alive: timeout=65',
        'connection: keep-alive',
        'date: …',
      ]);
      expect(Date.parse(/date: (.*)/.exec(head)![1]!)).toBeGreaterThan(Date.now() - 5_000);
    }
  });

  it('refuse a body that is too large, and stay open', async () => {
    const { send, answer } = plain.client();
    send(post('x'.repeat(MAX_BODY_BYTES + 1)));
    const { status, head } = await answer();
    expect(status).toBe(413);
    expect(head).toContain('application/problem+json');
    send(post('short'));
    expect((await answer()).body).toBe('{"hot":"short"}');
  });

  it.each([
    ['another route', [post('a', '/other')], ['{"http":"/other a"}']],
    ['a query', [post('a', '/hot?b=c')], ['{"http":"/hot?b=c a"}']],
    ['a request in two pieces', [post('abc').slice(0, 30), post('abc').slice(30)], ['{"http":"/hot abc"}']],
    ['two requests in one', [post('a') + post('b')], ['{"http":"/hot a"}', '{"http":"/hot b"}']],
    ['a large one', [post('a'.repeat(300_000))], [`{"http":"/hot ${'a'.repeat(300_000)}"}`]],
  ])('are handed over to node:http with %s, after what came before', async (_, sent, expected) => {
    const { send, answer } = plain.client();
    send(post('before'));
    expect((await answer()).body).toBe('{"hot":"before"}');
    for (const text of sent) {
      const bytesRead = plain.ends[0]!.bytesRead + Buffer.byteLength(text);
      send(text);
      await plain.until(() => plain.ends[0]!.bytesRead === bytesRead);
    }
    for (const body of expected) expect((await answer()).body).toBe(body);
    // For good: a plain one too.
    send(post('after'));
    expect((await answer()).body).toBe('{"http":"/hot after"}');
  });

  it('are closed by node:http behind what is no request', async () => {
    const { send, answer, socket } = plain.client();
    send(post('before'));
    expect((await answer()).status).toBe(200);
    const ended = once(socket, 'end');
    send('what?\r\n\r\n');
    expect((await answer()).status).toBe(400);
    await ended;
  });

  it.each([
    ['plain', post('second'), '{"hot":"second"}'],
    ["node:http's", post('second', '/other'), '{"http":"/other second"}'],
  ])('answer in order what comes before the last answer is given, when it is %s', async (_, second, expected) => {
    plain.gate = Promise.withResolvers();
    const { send, answer } = plain.client();
    send(post('first'));
    await plain.untilHandled(1);
    send(second);
    await plain.until(() => plain.ends[0]!.bytesRead === post('first').length + second.length);
    send(post('third', '/other'));
    plain.gate.resolve();
    expect((await answer()).body).toBe('{"hot":"first"}');
    expect((await answer()).body).toBe(expected);
    expect((await answer()).body).toBe('{"http":"/other third"}');
  });

  it('answer a client that has sent its last, and close', async () => {
    plain.gate = Promise.withResolvers();
    const { send, answer, socket } = plain.client();
    send(post('last'));
    await plain.untilHandled(1);
    socket.end();
    await plain.until(() => plain.ends[0]!.readableEnded);
    plain.gate.resolve();
    const { head, body } = await answer();
    expect(body).toBe('{"hot":"last"}');
    expect(head).toContain('connection: close');
    await once(socket, 'end');
  });

  it.each([
    ['plain', post('second'), '{"hot":"second"}'],
    ["node:http's", post('second', '/other'), '{"http":"/other second"}'],
  ])('answer what came before a client sent its last, when it is %s', async (_, second, expected) => {
    plain.gate = Promise.withResolvers();
    const { send, answer, socket } = plain.client();
    send(post('first'));
    await plain.untilHandled(1);
    send(second);
    await plain.until(() => plain.ends[0]!.bytesRead === post('first').length + second.length);
    socket.end();
    plain.gate.resolve();
    expect((await answer()).body).toBe('{"hot":"first"}');
    expect((await answer()).body).toBe(expected);
    if (!socket.readableEnded) await once(socket, 'end');
  });

  it("are under node:http's time limit with a part of a request", async () => {
    const { send, answer } = plain.client();
    send(post('before'));
    expect((await answer()).status).toBe(200);
    send(post('never whole').slice(0, 40));
    expect((await answer()).status).toBe(408);
  });

  it('outlive a client that goes before its answer', async () => {
    plain.gate = Promise.withResolvers();
    const gone = plain.client();
    gone.send(post('gone'));
    await plain.untilHandled(1);
    gone.socket.resetAndDestroy();
    await plain.until(() => plain.ends[0]!.destroyed);
    plain.gate.resolve();
    const { send, answer } = plain.client();
    send(post('next'));
    expect((await answer()).body).toBe('{"hot":"next"}');
  });

  it("are node:http's when a client does not read its answers", async () => {
    const handedOver = Promise.withResolvers<void>();
    const connections = new PlainConnections({
      routes: plain.routes,
      environment: plain.environment,
      connections: { begun: () => undefined, ended: () => undefined },
      isClosing: () => false,
    });
    const socket = new Duplex({ read: () => undefined, write: () => undefined }) as Socket;
    connections.serve(socket, handedOver.resolve);
    socket.push(post('first'));
    await plain.untilHandled(1);
    await plain.until(() => socket.writableLength > 0);
    socket.push(post('second'));
    await handedOver.promise;
    expect(plain.handled).toEqual(['first']);
    expect((socket.read() as Buffer).toString()).toBe(post('second'));
  });
});
