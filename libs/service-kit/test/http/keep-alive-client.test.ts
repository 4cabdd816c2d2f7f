import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeServer, KeepAliveClient, listen } from '@playhead/service-kit';

const open: { server: Server; client: KeepAliveClient }[] = [];
afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await closeServer(server, 0);
  }
});

async function connect(listener: RequestListener, options = { maxSockets: 2, timeoutMs: 30_000 }) {
  const server = createServer(listener);
  const port = await listen(server, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' });
  const client = new KeepAliveClient(`http://127.0.0.1:${port}`, options);
  open.push({ server, client });
  return { server, client };
}

describe('a keep-alive client', () => {
  it('sends method, path, headers and body, and gives what came back', async () => {
    const { client } = await connect((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.writeHead(409, { 'x-y': 'z' }).end(`${method} ${url} ${String(headers['x-a'])} ${body}`);
      });
    });
    const sent = { method: 'POST', path: '/v1/x?y=1', headers: { 'x-a': 'b' }, body: 'ä' };
    expect(await client.send(sent)).toMatchObject({ status: 409, headers: { 'x-y': 'z' }, body: 'POST /v1/x?y=1 b ä' });
  });

  it('opens no more connections than it may, and uses them again', async () => {
    const sockets = new Set<unknown>();
    const { client } = await connect((request, response) => {
      sockets.add(request.socket);
      response.end('x');
    });
    const bodies = await Promise.all(Array.from({ length: 20 }, () => client.send({ method: 'GET', path: '/' })));
    expect(bodies.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, () => 'x'));
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('rejects when nobody answers in time, when the connection is cut, and when nobody is there', async () => {
    const silent = await connect(() => {}, { maxSockets: 1, timeoutMs: 50 });
    await expect(silent.client.send({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ABORT_ERR' });
    const rude = await connect((_request, response) => response.destroy());
    await expect(rude.client.send({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    await closeServer(rude.server, 0);
    await expect(rude.client.send({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
