import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reply } from '../../src/http/route.ts';
import { PlainServer, post } from '../testing/plain-server.ts';

describe('plain connections, when they are closed,', () => {
  let plain: PlainServer;

  beforeEach(async () => {
    plain = await PlainServer.start();
  });
  afterEach(async () => {
    await plain.close();
    expect(plain.failures).toEqual([]);
  });

  it('do not begin what comes behind the answer that closes them', async () => {
    plain.gate = Promise.withResolvers();
    const { send, answer, socket } = plain.client();
    send(post('last'));
    await plain.untilHandled(1);
    send(post('too late'));
    await plain.until(() => plain.ends[0]!.bytesRead === post('last').length + post('too late').length);
    const closed = once(plain.ends[0]!, 'close');
    plain.server.close();
    plain.gate.resolve();
    expect((await answer()).head).toContain('connection: close');
    socket.end();
    await closed;
    expect(plain.handled).toEqual(['last']);
  });

  it.each<[string, Partial<Reply>]>([
    ['has a header that cannot be sent', { headers: { 'retry-after': '1\r\nSet-Cookie: a' } }],
    ['is a stream', { stream: () => undefined }],
  ])('are closed, and it is told, when a reply %s', async (_, wrong) => {
    plain.extra = wrong;
    const { send, socket } = plain.client();
    const closed = once(socket, 'close');
    send(post('a'));
    socket.once('end', () => socket.end());
    await closed;
    expect(plain.failures.splice(0)).toHaveLength(1);
  });

  it('are closed with the server: idle ones at once, others behind their answer', async () => {
    plain.gate = Promise.withResolvers();
    const [idle, silent, busy] = [plain.client(), plain.client(), plain.client()];
    await plain.until(() => plain.ends.length === 3);
    idle.send(post('idle'));
    await plain.untilHandled(1);
    plain.gate.resolve();
    await idle.answer();
    plain.gate = Promise.withResolvers();
    busy.send(post('busy'));
    await plain.untilHandled(2);
    const closed = [once(idle.socket, 'close'), once(silent.socket, 'close')];
    for (const { socket } of [idle, silent]) socket.once('end', () => socket.end());
    plain.server.close();
    await Promise.all(closed);
    plain.gate.resolve();
    const { head, body } = await busy.answer();
    expect(body).toBe('{"hot":"busy"}');
    expect(head).toContain('connection: close');
  });

  it("were kept open by a server that closes once they were node:http's, and cut in the middle of a later request", async () => {
    plain.gate = Promise.withResolvers();
    // Keeps the server from being closed.
    plain.client().send(post('busy'));
    await plain.untilHandled(1);
    const other = plain.client();
    other.send(post('half', '/other').slice(0, -1));
    await plain.until(() => plain.ends[1] !== undefined && plain.ends[1].bytesRead > 0);
    plain.server.close();
    other.send('f');
    expect((await other.answer()).head).not.toMatch(/connection: close/i);
    const closed = once(other.socket, 'end');
    other.send(post('next', '/other'));
    const { head, body } = await other.answer();
    expect(body).toBe('{"http":"/other next"}');
    expect(head).toMatch(/connection: close/i);
    await closed;
    other.socket.end();
  });

  it('are cut with the server', async () => {
    plain.gate = Promise.withResolvers();
    const { send, socket } = plain.client();
    send(post('busy'));
    await plain.untilHandled(1);
    const closed = once(socket, 'close');
    plain.server.closeAllConnections();
    socket.once('end', () => socket.end());
    await closed;
  });
});
