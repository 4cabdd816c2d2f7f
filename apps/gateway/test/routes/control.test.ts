import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_POLICIES_PER_TENANT, newTenantSettings } from '@playhead/event-schemas';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

const POLICY = { policy: 'four', rules: [{ rule: 'all', max: 4 }] };
const CONFLICT = { sessionId: 's-0', device: 'tv-0', content: 'film-0', startedAt: 1_000, lastSeenAt: 2_000 };

describe('routes of back ends and operators', () => {
  let gateway: TestGateway;

  beforeEach(async () => {
    gateway = await startTestGateway();
  });
  afterEach(() => gateway.close());

  describe('policies', () => {
    const put = async (policy: string, json: unknown) =>
      gateway.request('PUT', `/v1/policies/${policy}`, { json, token: await gateway.operator() });

    it('have the place of their record as version and are answered when the guard decides by them', async () => {
      expect(await put('four', POLICY)).toMatchObject({ status: 200, body: { version: 1, document: POLICY } });
      expect(gateway.log.policies).toMatchObject([{ tenant: 'demo', policy: 'four', record: { version: 0 } }]);
      expect(gateway.guard.asked).toContainEqual(
        expect.objectContaining({ tenant: 'demo', policy: 'four', version: 1 }),
      );
    });

    it('have different versions of two gateways that set them at once: both wrote the same', async () => {
      const other = await startTestGateway();
      other.parts.log.policy = (owner, record) => gateway.log.policy(owner, record);
      const token = await other.operator();
      const answers = await Promise.all([
        put('four', POLICY),
        other.request('PUT', '/v1/policies/four', { json: POLICY, token }),
      ]);
      await other.close();
      expect(answers.map(({ body }) => (body as { version: number }).version).sort()).toEqual([1, 2]);
    });

    it('of which Kafka did not tell the offset were answered as version 0, before a guard decided by them', async () => {
      const { policy } = gateway.log;
      let untold = 1;
      gateway.log.policy = async (owner, record) => {
        const position = await policy.call(gateway.log, owner, record);
        return untold-- > 0 ? { ...position, offset: -1 } : position;
      };
      expect(await put('four', POLICY)).toMatchObject({ status: 200, body: { version: 2 } });
      expect(gateway.guard.asked).toContainEqual(expect.objectContaining({ policy: 'four', version: 2 }));
      untold = 5;
      expect((await put('four', POLICY)).status).toBe(503);
    });

    it('beyond the bound of a tenant could be set by many at once through one gateway: none was listed yet', async () => {
      const stored = { version: 1, updatedAt: 0, document: {} };
      const listed = Array.from({ length: MAX_POLICIES_PER_TENANT - 1 }, (_, n) => [`p-${n}`, stored] as const);
      gateway.guard.policies = async () => Object.fromEntries(listed);
      const { policy: write } = gateway.log;
      const gate = Promise.withResolvers<void>();
      gateway.log.policy = (owner, record) => gate.promise.then(() => write.call(gateway.log, owner, record));
      const token = await gateway.operator();
      const set = (policy: string) =>
        gateway.request('PUT', `/v1/policies/${policy}`, { json: { ...POLICY, policy }, token });
      const statuses: number[] = [];
      const answers = ['a', 'b', 'c', 'p-1'].map(async (policy) => {
        const { status } = await set(policy);
        if (statuses.push(status) === 2) gate.resolve();
      });
      await Promise.all(answers);
      expect(statuses).toEqual([409, 409, 200, 200]);
      // What is set is underway no more; here nobody has listed it.
      expect(await set('d')).toMatchObject({ status: 200 });
    });

    it('are waited for with the place of their change: another one may overtake it', async () => {
      await put('four', POLICY);
      await gateway.request('DELETE', '/v1/policies/four', { token: await gateway.operator() });
      const asked = [
        { version: 1, position: expect.objectContaining({ offset: 0 }) },
        { version: null, position: expect.objectContaining({ offset: 1 }) },
      ];
      for (const change of asked) expect(gateway.guard.asked).toContainEqual(expect.objectContaining(change));
    });

    it('that were taken back and are set again have a version that they never had: it was 1 again', async () => {
      await put('constructor', { ...POLICY, policy: 'constructor' });
      await gateway.request('DELETE', '/v1/policies/constructor', { token: await gateway.operator() });
      expect(await put('constructor', { ...POLICY, policy: 'constructor' })).toMatchObject({ body: { version: 3 } });
      expect(gateway.guard.asked).toContainEqual(expect.objectContaining({ policy: 'constructor', version: 3 }));
    });

    it.each([
      ['without rules', 'four', { policy: 'four' }, '/rules'],
      ['of another name than the path', 'five', POLICY, '/policy'],
      ['with a negative limit', 'four', { ...POLICY, rules: [{ rule: 'all', max: -1 }] }, '/rules/0/max'],
    ])('%s are refused with the place', async (_name, id, document, pointer) => {
      const { status, body } = await put(id, document);
      expect(status).toBe(400);
      const pointers = (body as { errors: readonly { pointer: string }[] }).errors.map((error) => error.pointer);
      expect(pointers.some((given) => given === pointer || pointer.startsWith(given))).toBe(true);
      expect(gateway.log.policies).toEqual([]);
    });

    it('of a kind that is misspelled are refused: they were taken, and switched off all limits', async () => {
      const where = { kind: ['LIV'] };
      const { status, body } = await put('x', { policy: 'x', rules: [{ rule: 'live', where, max: 1 }] });
      const errors = [{ pointer: '/rules/0/where/kind/0', code: 'enum' }];
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { type: expect.stringMatching(/body-invalid$/), errors },
      });
      expect((body as { detail: string }).detail).toMatch(
        /^\/rules\/0\/where\/kind\/0 .*LIVE, VOD, CATCHUP, not "LIV"\.$/,
      );
      expect(gateway.log.policies).toEqual([]);
    });

    it('of an id that every object has as a member are not there: they were answered 500', async () => {
      const answer = await gateway.request('GET', '/v1/policies/constructor', { token: await gateway.operator() });
      expect(answer.status).toBe(404);
    });

    it('of an id that none can have are refused as such: they were answered 404', async () => {
      const answer = await put('x%20y', { ...POLICY, policy: 'x y' });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '{policy}' }] } });
    });

    it('are taken back by a tombstone', async () => {
      const token = await gateway.operator();
      expect((await gateway.request('DELETE', '/v1/policies/four', { token })).status).toBe(204);
      expect(gateway.log.policies).toEqual([{ tenant: 'demo', policy: 'four', record: null }]);
      expect((await gateway.request('GET', '/v1/policies/four', { token })).status).toBe(404);
    });
  });

  /** The answer, for which the clock goes on. */
  async function advancing<T>(pending: Promise<T>): Promise<T> {
    const settled = new AbortController();
    const end = (): void => settled.abort();
    pending.then(end, end);
    while (!settled.signal.aborted) {
      gateway.clock.now += 500;
      await new Promise(setImmediate);
    }
    return pending;
  }

  describe('a start', () => {
    const ask = async (body: object, token?: string) =>
      gateway.request('POST', '/v1/playback-sessions', {
        json: { contentId: 'film-1', kind: 'VOD', ...body },
        token: token ?? (await gateway.viewer()),
      });

    it('that may choose gets a token for each conflict, and a retry with it names the session to end', async () => {
      gateway.guard.decision = {
        decision: 'deny',
        usage: { current: 2, max: 2 },
        conflicts: [CONFLICT],
        retryAfterMs: 1,
        mayEnd: true,
        policy: 'two',
        rule: 'all',
      };
      const refused = await ask({});
      expect(refused).toMatchObject({ status: 409, body: { actions: ['terminate', 'retry'], policy: 'two' } });
      const [conflict] = (refused.body as { conflicts: readonly { terminationToken: string }[] }).conflicts;
      gateway.guard.decision = { decision: 'allow', usage: { current: 2, max: 2 }, conflicts: [] };
      const terminationTokens = [conflict!.terminationToken];
      expect((await ask({ terminationTokens })).status).toBe(201);
      expect(gateway.log.heartbeats.at(-1)).toMatchObject({ type: 'START', end: ['s-0'] });
      const other = await gateway.viewer({ account: 'acc-2' });
      const notGood = { status: 400, body: { errors: [{ pointer: '/terminationTokens/0', code: 'ticket-refused' }] } };
      expect(await ask({ terminationTokens }, other)).toMatchObject(notGood);
      expect(await ask({ terminationTokens: ['x'] })).toMatchObject(notGood);
    });

    it('of a silent front end is asked for by its back end, which names whose it is', async () => {
      const token = await gateway.service();
      const owner = { account: 'acc-7', profile: 'p-7', device: 'tv-7' };
      expect((await ask({ ...owner, exempt: true, rightsHolder: 'studio' }, token)).status).toBe(201);
      expect(gateway.log.heartbeats.at(-1)).toMatchObject({ ...owner, exempt: true, rightsHolder: 'studio' });
      expect(await ask({ account: 'acc-7' }, token)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/profile' }, { pointer: '/device' }] },
      });
    });

    it('of a viewer does not say that it is free of limits, nor whose it is', async () => {
      expect((await ask({ exempt: true })).status).toBe(403);
      expect((await ask({ account: 'acc-7' })).status).toBe(201);
      expect(gateway.log.heartbeats.at(-1)).toMatchObject({ account: 'acc-1' });
    });

    it('shows titles and profiles of conflicts only where the tenant does: the contract said that it did everywhere', async () => {
      const conflicts = [{ ...CONFLICT, title: 'The film', profile: 'kids' }];
      gateway.guard.decision = { decision: 'deny', usage: { current: 2, max: 2 }, conflicts };
      expect((await ask({})).body).toHaveProperty('conflicts', [CONFLICT]);
      gateway.parts.rules.applySettings('demo', newTenantSettings({ tenant: 'demo', updatedAt: 0, showTitles: true }));
      expect((await ask({})).body).toMatchObject({ conflicts });
    });

    it('that nobody decides on has a short ticket, and the guard is told', async () => {
      gateway.guard.silentFor = Infinity;
      gateway.parts.rules.applySettings(
        'demo',
        newTenantSettings({ tenant: 'demo', updatedAt: 0, uncheckedLeaseMs: 60_000, heartbeatIntervalMs: 20_000 }),
      );
      const { status, body } = await advancing(ask({}));
      expect(status).toBe(201);
      const { ticket, heartbeat } = body as { ticket: string; heartbeat: { intervalMs: number } };
      expect(heartbeat.intervalMs).toBe(20_000);
      const { issuedAt, expiresAt } = gateway.parts.tickets.verify(ticket);
      expect(expiresAt - issuedAt).toBe(60_000);
      expect(gateway.log.heartbeats.map(({ type }) => type)).toEqual(['START', 'UNCHECKED']);
    });

    it('that nobody decides on is refused where a policy about it says so', async () => {
      gateway.guard.silentFor = Infinity;
      const document = JSON.stringify({ ...POLICY, onUnavailable: 'deny' });
      const record = { schemaVersion: 1, tenant: 'demo', policy: 'four', version: 1, document, updatedAt: 0 };
      gateway.parts.rules.applyPolicy('demo/four', { ...record, updatedBy: null });
      expect((await advancing(ask({}))).status).toBe(503);
      expect(gateway.log.heartbeats.map(({ type }) => type)).toEqual(['START', 'STOP']);
    });
  });

  it('settings of a tenant are set, shown and used', async () => {
    const token = await gateway.operator();
    const json = { failRule: 'deny', heartbeatIntervalMs: 5_000, webhookUrl: 'https://cdn.example/revoke' };
    expect((await gateway.request('PUT', '/v1/settings', { json, token })).status).toBe(204);
    expect((await gateway.request('GET', '/v1/settings', { token })).body).toEqual(json);
    const put = async (webhookUrl: string) =>
      (await gateway.request('PUT', '/v1/settings', { json: { webhookUrl }, token })).status;
    expect(await put('ftp://x')).toBe(400);
    expect(await put('https://cdn.example?to=a@b')).toBe(204);
    // Nothing can be sent there, so every revocation would be given up.
    expect(await put('https://me:secret@cdn.example/revoke')).toBe(400);
  });

  it('a misspelt setting took back the one that was meant, and all others', async () => {
    const token = await gateway.operator();
    const put = (json: object) => gateway.request('PUT', '/v1/settings', { json, token });
    expect((await put({ enforcement: 'shadow', failRule: 'deny' })).status).toBe(204);
    const { status, body } = await put({ enforcment: 'shadow' });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/enforcment' })] }),
    ]);
    expect((await gateway.request('GET', '/v1/settings', { token })).body).toEqual({
      enforcement: 'shadow',
      failRule: 'deny',
    });
  });

  it('settings that nobody set are not shown: policies were said to be enforced by the tenant’s own word', async () => {
    const token = await gateway.operator();
    const shown = async () => (await gateway.request('GET', '/v1/settings', { token })).body;
    expect(await shown()).toEqual({});
    for (const json of [{ showTitles: true }, { enforcement: 'enforce' }, { enforcement: 'shadow' }]) {
      expect((await gateway.request('PUT', '/v1/settings', { json, token })).status).toBe(204);
      expect(await shown()).toEqual(json);
    }
  });

  it('media is served to a stream with a ticket until it is told to stop', async () => {
    const ticket = gateway.ticketOf();
    const ask = (headers: Readonly<Record<string, string>>) => gateway.request('GET', '/v1/authorization', { headers });
    expect((await ask({ 'x-original-uri': `/clip/s-1.m4s?ticket=${ticket}` })).status).toBe(204);
    expect((await ask({ 'x-original-uri': '/clip/s-1.m4s' })).status).toBe(401);
    gateway.parts.blocked.block({ tenant: 'demo', account: 'acc-1', session: 'session-1' }, { verdict: 'stop' });
    expect((await ask({ 'playback-ticket': ticket })).status).toBe(403);
  });

  it('a lookup of many sessions keeps the order, and null for what is not the account’s', async () => {
    const token = await gateway.service();
    const sessions = [
      { account: 'acc-1', session: 's-1' },
      { account: 'acc-2', session: 's-1' },
    ];
    const view = { sessionId: 's-1', state: 'active', verdict: 'continue' };
    gateway.guard.known.set('demo/acc-1/s-1', view as never);
    const answer = await gateway.request('POST', '/v1/playback-sessions/lookup', { json: { sessions }, token });
    expect(answer.body).toEqual({ sessions: [view, null] });
    const many = Array.from({ length: 1001 }, () => ({ account: 'a', session: 's' }));
    const refused = await gateway.request('POST', '/v1/playback-sessions/lookup', { json: { sessions: many }, token });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/sessions', code: 'maxItems' }] } });
  });

  it('counts what it refuses, by route and reason', async () => {
    await gateway.request('GET', '/v1/policies');
    await gateway.request('GET', '/v1/policies', { token: await gateway.viewer() });
    const values = gateway.parts.metrics.rejects.get().values.map(({ labels, value }) => [labels, value]);
    expect(values).toEqual([
      [{ route: 'GET /v1/policies', reason: 'token-missing' }, 1],
      [{ route: 'GET /v1/policies', reason: 'role-needed' }, 1],
    ]);
  });
});
