import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_HEADER, SIGNATURE_HEADER, signWebhook } from '@playhead/enforcement/webhook';
import { closeServer, createTickets, listen } from '@playhead/service-kit';
import { nginxPath, startEdge, startNginx } from '../src/edge.ts';
import type { Edge } from '../src/edge.ts';
import { LogReader } from '../src/log-evidence.ts';

const nginx = nginxPath();
if (nginx === undefined) {
  process.stdout.write('skipped: a plain nginx (none on this machine: apt-get install nginx; NGINX_PATH names one)\n');
}

(nginx === undefined ? describe.skip : describe)('an nginx with its agent', () => {
  let directory: string;
  let edge: Edge;
  let port: number;
  const evidence: { session: string; account: string; kind: string }[] = [];
  /** Answers of the gateway, in order; then 200. */
  const statuses: number[] = [];
  const gateway = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      if (status === 200) evidence.push(...(JSON.parse(body) as typeof evidence));
      response.writeHead(status).end();
    });
  });
  const keys = [{ kid: 'k1', key: randomBytes(32) }];
  const tickets = createTickets({ keys, maxCached: 10 });
  const owner = { tenant: 'demo', account: 'acc 1', profile: 'p-1', device: 'tv-1', content: 'film-1' };
  const ticketOf = (session: string) => tickets.sign({ ...owner, session, kind: 'VOD', intervalMs: 10_000 });
  const get = async (ticket: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/t/${ticket}/clip/a.m4s`, { headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const revoke = (session: string, change: (signature: string) => string = (signature) => signature) => {
    const { tenant, account } = owner;
    const body = JSON.stringify({ id: 'x', tenant, account, session, expiresAt: Date.now() + 60_000 });
    const headers = { [DELIVERY_HEADER]: 'x', [SIGNATURE_HEADER]: change(signWebhook(body, keys[0]!, Date.now())) };
    return fetch(edge.webhookUrl, { method: 'POST', headers, body }).then(({ status }) => status);
  };
  const start = async () => {
    const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const paths = { root: join(directory, 'media'), directory: join(directory, 'edge') };
    const options = {
      nginx: nginx!,
      port,
      agentPort: 0,
      gatewayUrl,
      tenant: 'demo',
      token: () => 'token',
      evidenceMs: 0,
      agentAway: 'closed' as const,
    };
    edge = await startEdge({ ...options, ...paths, tickets, keys });
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-nginx-'));
    await mkdir(join(directory, 'media/clip'), { recursive: true });
    await writeFile(join(directory, 'media/clip/a.m4s'), 'segment');
    await writeFile(join(directory, 'secret'), 'not media');
    await new Promise<void>((resolve) => {
      gateway.listen(0, '127.0.0.1', resolve);
    });
    port = await freePort();
    await start();
  }, 30_000);
  afterAll(async () => {
    await edge?.close();
    gateway.closeAllConnections();
    gateway.close();
    await rm(directory, { recursive: true });
  });

  it('serves to a stream with a ticket, and to nobody without one', async () => {
    const served = await get(ticketOf('s-1'));
    expect(served).toMatchObject({ status: 200, text: 'segment' });
    expect(served.headers.get('access-control-allow-origin')).toBe('*');
    expect((await get(`${ticketOf('s-1').slice(0, -3)}abc`)).status).toBe(401);
    expect((await get('none')).status).toBe(401);
    const outside = await fetch(`http://127.0.0.1:${port}/t/${ticketOf('s-1')}/..%2fsecret`);
    expect(await outside.text()).not.toContain('not media');
  });

  it('tells the gateway of what it served, by the session of the ticket, again while that does not answer', async () => {
    statuses.push(503);
    await get(ticketOf('s-2'));
    while (!evidence.some(({ session }) => session === 's-2')) await new Promise(setImmediate);
    expect(evidence.find(({ session }) => session === 's-2')).toMatchObject({ account: 'acc 1', kind: 'cdn-log' });
  }, 30_000);

  it('refuses a session that a signed webhook revoked, and no other; also after a restart', async () => {
    expect(await revoke('s-3', (signature) => signature.replace(/.{4}$/, '0000'))).toBe(401);
    expect((await get(ticketOf('s-3'))).status).toBe(200);
    expect(await revoke('s-3')).toBe(204);
    expect(await revoke('s-3')).toBe(204);
    expect(edge.revoked.size).toBe(1);
    expect((await get(ticketOf('s-3'))).status).toBe(403);
    expect((await get(ticketOf('s-1'))).status).toBe(200);
    await edge.close();
    await start();
    expect((await get(ticketOf('s-3'))).status).toBe(403);
  }, 30_000);

  it('a stream of another tenant was served, and told to the gateway as one of the account of that name here', async () => {
    const ticket = tickets.sign({ ...owner, tenant: 'other', session: 's-6', kind: 'VOD', intervalMs: 10_000 });
    expect((await get(ticket)).status).toBe(401);
  });

  it("half of a surrogate pair in a ticket of somebody's own making ended the agent", async () => {
    const ticket = tickets.sign({ ...owner, content: 'film \ud83c', session: 's-7', kind: 'VOD', intervalMs: 10_000 });
    expect((await get(ticket)).status).toBe(200);
  });

  it('the agent was away for whoever has ids at their limit or long headers, so that the revoked were served where away is open', async () => {
    const wide = '映'.repeat(128);
    const ids = { tenant: 'demo', account: wide, profile: wide, device: wide, content: wide, session: wide };
    const ticket = tickets.sign({ ...ids, kind: 'VOD', intervalMs: 10_000 });
    expect(await get(ticket)).toMatchObject({ status: 200, text: 'segment' });
    const cookies = { cookie: 'x'.repeat(7_000), 'x-a': 'x'.repeat(7_000), 'x-b': 'x'.repeat(7_000) };
    expect(await get(ticketOf('s-5'), cookies)).toMatchObject({ status: 200 });
    await edge.revoked.add({ ...ids, expiresAt: Date.now() + 60_000 });
    expect((await get(ticket)).status).toBe(403);
    while (!evidence.some(({ session }) => session === wide)) await new Promise(setImmediate);
  }, 30_000);

  it.each([
    ['closed', 503, '2'],
    ['open', 200, null],
  ] as const)('an agent that is away was a 500 of nginx: %s, it is %i', async (agentAway, status, retryAfter) => {
    const [ownPort, agentPort] = [await freePort(), await freePort()];
    const ownDirectory = join(directory, agentAway);
    const place = { port: ownPort, agentPort, root: join(directory, 'media'), directory: ownDirectory, agentAway };
    const running = await startNginx(nginx!, place);
    const answer = await fetch(`http://127.0.0.1:${ownPort}/t/none/clip/a.m4s`);
    const body = await answer.text();
    await running.stop();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(body.includes('segment')).toBe(agentAway === 'open');
    const log = await readFile(join(ownDirectory, 'access.log'), 'utf8');
    // A log without the request would tell the gateway of nothing too.
    if (agentAway === 'open') expect(log).toContain('"status":"200"');
    const reader = new LogReader({ intervalMs: 0, now: Date.now });
    expect(log.split('\n').map((line) => reader.read(line))).not.toContainEqual(expect.anything());
  });

  it('took whoever listened on its port for its nginx, such as one that was left by an edge that was killed', async () => {
    const { port: taken } = gateway.address() as AddressInfo;
    const place = { port: taken, agentPort: 9, root: directory, directory: join(directory, 'taken') };
    await expect(startNginx(nginx!, { ...place, agentAway: 'closed' })).rejects.toThrow(`port ${taken}`);
  });

  it('an edge whose nginx had ended ran on without it, and served nothing', async () => {
    process.kill(Number(await readFile(join(directory, 'edge/nginx.pid'), 'utf8')), 'SIGKILL');
    expect((await edge.failed).message).toContain('nginx has ended');
    await edge.close();
    await start();
    expect((await get(ticketOf('s-6'))).status).toBe(200);
  }, 30_000);

  it('writes no ticket and no address of a viewer into its logs', async () => {
    const ticket = ticketOf('s-4');
    await get(ticket);
    await fetch(`http://127.0.0.1:${port}/t/${ticket}/clip/none.m4s`);
    // A file that cannot be opened, as none can when too many are open.
    const unopened = createServer().listen(join(directory, 'media/clip/socket'));
    await once(unopened, 'listening');
    expect((await fetch(`http://127.0.0.1:${port}/t/${ticket}/clip/socket`)).status).toBe(503);
    unopened.close();
    while (!evidence.some(({ session }) => session === 's-4')) await new Promise(setImmediate);
    const logs = await Promise.all(
      ['access.log', 'error.log'].map((name) => readFile(join(directory, 'edge', name), 'utf8')),
    );
    expect(logs.join('')).not.toContain(ticket.slice(-20));
    expect(logs.join('')).not.toContain('127.0.0.1');
  }, 30_000);
});

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, { port: 0, host: '127.0.0.1', setting: 'EDGE_PORT' });
  await closeServer(probe, 0);
  return port;
}
