import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryLog, sessionView } from '../testing/fakes.ts';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.log.entitlements.length = 0;
  gateway.log.away = false;
  gateway.guard.asked.length = 0;
  gateway.guard.silentFor = 0;
  gateway.guard.staleness = {};
  gateway.guard.entitled = undefined;
});

describe('GET /v1/accounts/{account}/streams', () => {
  const get = async (account: string, token: string) =>
    gateway.request('GET', `/v1/accounts/${account}/streams`, { token });

  it('lists the streams as the guard sees them, for the account itself and an operator', async () => {
    const stream = {
      ...sessionView('s-1', gateway.clock.now),
      device: 'tv-1',
      content: 'film-1',
      kind: 'VOD' as const,
    };
    gateway.guard.streamsOf.set('demo/acc-1', [stream]);
    for (const token of [await gateway.viewer(), await gateway.operator()]) {
      const answer = await get('acc-1', token);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ streams: [stream] });
    }
  });

  it('an empty list of a copy looked as fresh as the owner’s: it is marked too', async () => {
    gateway.guard.staleness = { staleBy: 7 };
    const answer = await get('acc-none', await gateway.operator());
    expect(answer).toMatchObject({ status: 200, body: { streams: [], staleBy: 7 } });
  });

  it('shows a viewer no other account, whether it exists or not', async () => {
    const token = await gateway.viewer({ account: 'acc-2' });
    const existing = await get('acc-1', token);
    const missing = await get('acc-none', token);
    expect(existing).toMatchObject({ status: 403, body: { type: '/problems/other-account' } });
    expect(missing.body).toEqual(existing.body);
    expect(gateway.guard.asked).toEqual([]);
  });

  it('shows an operator of another tenant nothing of it', async () => {
    expect((await get('acc-1', await gateway.operator({ tenant: 'other' }))).body).toEqual({ streams: [] });
  });

  it.each([['me@home.example'], ['x'.repeat(129)]])('refuses %s, which cannot be an account', async (account) => {
    const answer = await get(account, await gateway.operator());
    expect(answer).toMatchObject({ status: 400, body: { type: '/problems/account-invalid' } });
    expect(gateway.guard.asked).toEqual([]);
  });

  it.each([['%00'], ['a%20b'], ['a%0Ab'], ['a%2540b.example']])(
    'refuses %s as no token could name it either, which was a lookup of an account that cannot exist',
    async (account) => {
      for (const token of [await gateway.operator(), await gateway.viewer()]) {
        const answer = await get(account, token);
        expect(answer).toMatchObject({
          status: 400,
          body: { type: '/problems/account-invalid', errors: [{ pointer: '{account}', code: 'id' }] },
        });
      }
      expect(gateway.guard.asked).toEqual([]);
    },
  );

  it('refuses an empty ?account= of anyone with its name', async () => {
    for (const token of [await gateway.operator(), await gateway.viewer()]) {
      const answer = await gateway.request('GET', '/v1/playback-sessions/s-1?account=', { token });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '?account' }] } });
    }
  });

  it('decodes the account of the path', async () => {
    gateway.guard.streamsOf.set('demo/a/b:c', []);
    await get('a%2Fb:c', await gateway.operator());
    expect(gateway.guard.asked).toEqual([expect.objectContaining({ tenant: 'demo', account: 'a/b:c' })]);
  });
});

describe('PUT /v1/accounts/{account}/entitlement', () => {
  const put = (account: string, token: string, json: object = { plan: 'family', maxStreams: 4 }) =>
    gateway.request('PUT', `/v1/accounts/${account}/entitlement`, { token, json });

  it('writes it and answers 204 once the owner of the account has applied it', async () => {
    const answer = await put('acc-1', await gateway.operator());
    expect(answer.status).toBe(204);
    const owner = { tenant: 'demo', account: 'acc-1' };
    const set = { plan: 'family', maxStreams: 4, updatedAt: gateway.clock.now, updatedBy: 'operator' };
    expect(gateway.log.entitlements).toMatchObject([{ ...owner, record: { ...owner, ...set } }]);
    expect(gateway.guard.asked).toEqual([
      {
        tenant: 'demo',
        account: 'acc-1',
        position: { topic: 'accounts.entitlements', partition: 0, offset: 0 },
        timeoutMs: 2000,
      },
    ]);
  });

  it.each([['viewer'], ['service'], ['analyst']])('is not for the role %s', async (role) => {
    const token = await gateway.viewer({ roles: [role] });
    expect(await put('acc-1', token)).toMatchObject({ status: 403, body: { type: '/problems/role-needed' } });
    expect(gateway.log.entitlements).toEqual([]);
  });

  it.each([
    [{ plan: 'family' }, '/maxStreams'],
    [{ plan: 'family', maxStreams: -1 }, '/maxStreams'],
    // Was 204, and the guard applied its own cap.
    [{ plan: 'family', maxStreams: 1001 }, '/maxStreams'],
    [{ plan: 7, maxStreams: 1 }, '/plan'],
  ])('refuses %j at %s', async (json, pointer) => {
    const answer = await put('acc-1', await gateway.operator(), json);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(gateway.log.entitlements).toEqual([]);
  });

  it.each([['plan'], ['maxStreams']])(
    'answers 400 to a %s nested too deep to be written out, which was a 500',
    async (field) => {
      const answer = await gateway.request('PUT', '/v1/accounts/acc-1/entitlement', {
        token: await gateway.operator(),
        body: `{"plan":"family","maxStreams":1,"${field}":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${field}` }] } });
      expect(gateway.log.entitlements).toEqual([]);
    },
  );

  it('takes as many streams as the guard applies', async () => {
    expect((await put('acc-1', await gateway.operator(), { plan: 'venue', maxStreams: 1000 })).status).toBe(204);
    expect(gateway.log.entitlements).toMatchObject([{ record: { maxStreams: 1000 } }]);
  });

  it('refuses an account that looks like an e-mail address', async () => {
    const answer = await put('me@home.example', await gateway.operator());
    expect(answer).toMatchObject({ status: 400, body: { type: '/problems/account-invalid' } });
  });

  it('answers 503 when it could not be stored or nobody applied it', async () => {
    gateway.guard.silentFor = 1;
    expect(await put('acc-1', await gateway.operator())).toMatchObject({
      status: 503,
      body: { type: '/problems/guard-unavailable' },
    });
    gateway.log.away = true;
    expect(await put('acc-1', await gateway.operator())).toMatchObject({
      status: 503,
      body: { type: '/problems/log-unavailable' },
    });
  });
});

describe('an entitlement could neither be read nor taken back', () => {
  const ask = (method: string, token: string, account = 'acc-1') =>
    gateway.request(method, `/v1/accounts/${account}/entitlement`, { token });

  it('GET shows it to operators, services and analysts', async () => {
    gateway.guard.entitled = { plan: 'family', maxStreams: 4, updatedAt: 1_000, updatedBy: 'operator' };
    for (const role of ['operator', 'service', 'analyst']) {
      const answer = await ask('GET', await gateway.viewer({ roles: [role] }));
      expect(answer).toMatchObject({ status: 200, body: gateway.guard.entitled });
      expect(answer.body).not.toHaveProperty('isOwn');
    }
    expect(gateway.guard.asked).toContainEqual({ tenant: 'demo', account: 'acc-1', timeoutMs: 2000 });
    expect(await ask('GET', await gateway.viewer())).toMatchObject({ status: 403 });
  });

  it('GET of an account without one is 404 and says what it has then', async () => {
    expect(await ask('GET', await gateway.operator())).toMatchObject({
      status: 404,
      body: {
        type: '/problems/entitlement-unknown',
        detail:
          'The account has no entitlement of its own: it has the plan default with 2 streams at once, by default.',
      },
    });
    expect(await ask('GET', await gateway.operator(), 'me@home.example')).toMatchObject({ status: 400 });
  });

  it('DELETE writes a tombstone and answers 204 once the owner of the account has applied it, each time', async () => {
    for (const offset of [0, 1]) {
      expect((await ask('DELETE', await gateway.operator())).status).toBe(204);
      const position = { topic: 'accounts.entitlements', partition: 0, offset };
      expect(gateway.log.entitlements[offset]).toEqual({ tenant: 'demo', account: 'acc-1', record: null });
      expect(gateway.guard.asked[offset]).toEqual({ tenant: 'demo', account: 'acc-1', position, timeoutMs: 2000 });
    }
  });

  it.each([['viewer'], ['service'], ['analyst']])('DELETE is not for the role %s', async (role) => {
    expect((await ask('DELETE', await gateway.viewer({ roles: [role] }))).status).toBe(403);
    expect(gateway.log.entitlements).toEqual([]);
  });

  it('DELETE is 503 when it could not be stored or nobody applied it', async () => {
    gateway.guard.silentFor = 1;
    expect((await ask('DELETE', await gateway.operator())).status).toBe(503);
    gateway.log.away = true;
    expect((await ask('DELETE', await gateway.operator())).status).toBe(503);
  });
});

describe('of which Kafka did not tell the offset', () => {
  const { entitlement } = MemoryLog.prototype;
  afterEach(() => {
    gateway.log.entitlement = entitlement;
  });

  it.each([
    ['PUT', 'an entitlement', { json: { plan: 'family', maxStreams: 4 } }],
    ['DELETE', 'the end of one', {}],
  ])('%s: %s was answered before the guard had applied it', async (method, _name, body) => {
    let untold = 2;
    gateway.log.entitlement = async (owner, record) => {
      const position = await entitlement.call(gateway.log, owner, record);
      return untold-- > 0 ? { ...position, offset: -1 } : position;
    };
    const ask = async () =>
      gateway.request(method, '/v1/accounts/acc-1/entitlement', { token: await gateway.operator(), ...body });
    expect((await ask()).status).toBe(204);
    expect(gateway.log.entitlements).toHaveLength(3);
    expect(gateway.guard.asked).toMatchObject([{ position: { offset: 2 } }]);
    untold = 5;
    expect(await ask()).toMatchObject({ status: 503, body: { type: '/problems/log-unavailable' } });
    expect(gateway.guard.asked).toHaveLength(1);
  });
});
