import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newTenantSettings } from '@playhead/event-schemas';
import type { Revocation } from '../src/revocation.ts';
import { sendRevocation } from '../src/sender.ts';
import { verifyWebhook } from '../src/webhook-signature.ts';
import { Webhooks } from '../src/webhooks.ts';

const REVOCATION: Revocation = {
  id: 's-1:e-1',
  tenant: 'demo',
  account: 'acc-1',
  session: 's-1',
  reason: 'concurrency-limit',
  endedBy: null,
  device: 'tv-1',
  content: 'film-1',
  decidedAt: 1,
  expiresAt: 2,
};
const keys = [{ kid: 'k1', key: Buffer.alloc(32, 1) }];

describe('sendRevocation', () => {
  let status = 204;
  let hangs = false;
  const received: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (!hangs) response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  const send = (url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoke`, revocation = REVOCATION) =>
    sendRevocation(revocation, { webhooks: new Webhooks({ keys, url }), timeoutMs: 500, now: Date.now });

  beforeEach(async () => {
    status = 204;
    hangs = false;
    received.length = 0;
    if (!server.listening) {
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
    }
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  it('posts it signed, with the id that every sending of it has', async () => {
    expect(await send()).toBe('acknowledged');
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(JSON.parse(body)).toEqual({ type: 'stream.revoked', ...REVOCATION });
    expect(headers['playhead-delivery']).toBe('s-1%3Ae-1');
    expect(verifyWebhook(body, String(headers['playhead-signature']), keys, Date.now())).toBe(true);
  });

  it('a webhook was never told of a session with letters beyond Latin-1: no header takes them', async () => {
    const revocation = { ...REVOCATION, id: 'телевизор-1:e-1', session: 'телевизор-1' };
    expect(await send(undefined, revocation)).toBe('acknowledged');
    expect(decodeURIComponent(String(received[0]?.headers['playhead-delivery']))).toBe(revocation.id);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ id: revocation.id, session: 'телевизор-1' });
  });

  it.each([302, 400, 404, 500, 503])('takes %d for a failure, and follows no redirect', async (given) => {
    status = given;
    expect(await send()).toBe('failed');
    expect(received).toHaveLength(1);
  });

  it('fails when there is no answer in time, or nobody listens', async () => {
    hangs = true;
    expect(await send()).toBe('failed');
    expect(await send('http://127.0.0.1:1/')).toBe('failed');
  });

  it('nobody could know which webhook failed, nor why', async () => {
    const { port } = server.address() as AddressInfo;
    const told: string[][] = [];
    const onFailed = (...words: string[]): void => void told.push(words);
    const webhooks = new Webhooks({ keys, url: `http://127.0.0.1:${port}/?secret` });
    const options = { webhooks, timeoutMs: 100, now: Date.now, onFailed };
    status = 500;
    await sendRevocation(REVOCATION, options);
    hangs = true;
    await sendRevocation(REVOCATION, options);
    const refuse = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));
    await sendRevocation(REVOCATION, { ...options, request: refuse });
    webhooks.apply('demo', {
      ...newTenantSettings({ tenant: 'demo', updatedAt: 0, webhookUrl: 'http://127.0.0.1/' }),
      webhookKeyId: 'k2',
    });
    await sendRevocation(REVOCATION, options);
    expect(told).toEqual([
      ['demo', 'answered 500'],
      ['demo', 'TimeoutError'],
      ['demo', 'ECONNREFUSED'],
      ['demo', 'its webhookKeyId is not in ENFORCEMENT_WEBHOOK_KEYS'],
    ]);
  });

  it('was given up at once when the tenant named a key that the service was to be given later', async () => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoke`;
    const later = { kid: 'k2', key: Buffer.alloc(32, 2) };
    const outcomes: string[] = [];
    for (const known of [keys, [...keys, later]]) {
      const webhooks = new Webhooks({ keys: known, url: undefined });
      const settings = newTenantSettings({ tenant: 'demo', updatedAt: 0, webhookUrl: address });
      webhooks.apply('demo', { ...settings, webhookKeyId: 'k2' });
      outcomes.push(await sendRevocation(REVOCATION, { webhooks, timeoutMs: 500, now: Date.now }));
    }
    expect(outcomes).toEqual(['failed', 'acknowledged']);
    expect(received).toHaveLength(1);
  });

  it('went to any host that a tenant named, also of networks that only the service reaches', async () => {
    const { port } = server.address() as AddressInfo;
    const outcomes: string[] = [];
    const told: string[][] = [];
    for (const hosts of [['cdn.example'], ['cdn.example', '127.0.0.1']]) {
      const webhooks = new Webhooks({ keys, url: `http://127.0.0.1:${port}/`, hosts });
      const options = { webhooks, timeoutMs: 500, now: Date.now, onFailed: (...words: string[]) => told.push(words) };
      // The installation's own address is of nobody else.
      outcomes.push(await sendRevocation({ ...REVOCATION, tenant: 'other' }, options));
      const webhookUrl = `http://127.0.0.1:${port}/named`;
      webhooks.apply('demo', newTenantSettings({ tenant: 'demo', updatedAt: 0, webhookUrl }));
      outcomes.push(await sendRevocation(REVOCATION, options));
    }
    expect(outcomes).toEqual(['acknowledged', 'failed', 'acknowledged', 'acknowledged']);
    expect(told).toEqual([['demo', 'its webhookUrl has a host that is not in ENFORCEMENT_WEBHOOK_HOSTS']]);
  });

  it('waited for a host that the setting names in capitals', () => {
    const webhooks = new Webhooks({ keys, url: undefined, hosts: ['CDN.example'] });
    const allows = (webhookUrl: string) => {
      webhooks.apply('demo', newTenantSettings({ tenant: 'demo', updatedAt: 0, webhookUrl }));
      return webhooks.of('demo')?.isAllowed;
    };
    expect(allows('https://cdn.EXAMPLE:8443/revoke')).toBe(true);
    expect(allows('https://other.cdn.example/')).toBe(false);
    expect(allows('https://cdn.example.other/')).toBe(false);
  });

  it('is sent to nobody by a tenant without a webhook', async () => {
    const webhooks = new Webhooks({ keys: [], url: 'http://127.0.0.1:1/' });
    expect(await sendRevocation(REVOCATION, { webhooks, timeoutMs: 500, now: Date.now })).toBe('nobody');
  });
});
