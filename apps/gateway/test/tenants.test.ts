import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiDocument } from '../src/contract/openapi-document.ts';
import type { Operation } from '../src/contract/openapi-types.ts';
import { createRoutes } from '../src/routes/index.ts';
import { sessionView } from './testing/fakes.ts';
import { beat, startTestGateway } from './testing/gateway-harness.ts';
import type { TestGateway } from './testing/gateway-harness.ts';

/** Stands in every answer about the account of tenant `demo`, and nowhere else. */
const SECRET = 'secret-of-acc-1';
/** Bodies that their route accepts. An operation that is not listed here has none. */
const BODIES: Readonly<Record<string, unknown>> = {
  postPlaybackSession: { contentId: 'film-1', kind: 'VOD' },
  postHeartbeats: beat(),
  postEvents: { sequence: 0, type: 'PLAY', positionMs: 0, sentAt: 0 },
  postCmcd: undefined,
  postStop: undefined,
  postEvidence: { account: 'acc-1', session: 'session-1', kind: 'licence', id: '1' },
  lookupPlaybackSessions: { sessions: [{ account: 'acc-1', session: 'session-1' }] },
  postDryRun: { contentId: 'film-1' },
  putEntitlement: { plan: 'basic', maxStreams: 2 },
  putPolicy: { policy: 'four', rules: [{ rule: 'all', max: 4 }] },
  putTenantSettings: { failRule: 'deny' },
};
/** Which tokens an operation lets in at all; the others are refused whatever they ask. */
const OPEN = new Set(['getOpenApi', 'getDemoTokens']);
const ROLES = ['viewer', 'service', 'operator', 'analyst'] as const;

interface Caller {
  readonly name: string;
  readonly tenant: string;
  readonly account: string;
  readonly token?: string;
  readonly ticket?: string;
}

describe('no route answers about another tenant’s account', () => {
  let gateway: TestGateway;
  let document: OpenApiDocument;
  const callers: Caller[] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    document = (await gateway.request('GET', '/openapi.json')).body as OpenApiDocument;
    const view = { ...sessionView('session-1', gateway.clock.now), reason: SECRET };
    gateway.guard.known.set('demo/acc-1/session-1', view);
    gateway.guard.streamsOf.set('demo/acc-1', [{ ...view, device: 'tv-1', content: SECRET, kind: 'VOD' }]);
    gateway.guard.secretOf = { tenant: 'demo', account: 'acc-1', text: SECRET };
    gateway.parts.blocked.block(
      { tenant: 'demo', account: 'acc-1', session: 'session-1' },
      { verdict: 'stop', reason: SECRET },
    );
    const identity = { profile: 'p', device: 'd' };
    for (const role of ROLES) {
      const claims = (tenant: string, account: string) => ({ ...identity, tenant, account, roles: [role] });
      for (const [tenant, account] of [
        ['other', 'acc-1'],
        ['demo', 'acc-2'],
      ] as const) {
        const token = await gateway.viewer(claims(tenant, account));
        callers.push({ name: `${role} of ${tenant}/${account}`, tenant, account, token });
      }
    }
    callers.push({ name: 'no token', tenant: '', account: '' });
    for (const [tenant, account] of [
      ['other', 'acc-1'],
      ['demo', 'acc-2'],
    ] as const) {
      // Even with the same session id: whoever holds a ticket holds it for its own account.
      const ticket = gateway.ticketOf({ tenant, account });
      callers.push({ name: `ticket of ${tenant}/${account}`, tenant, account, ticket });
    }
  });
  afterAll(() => gateway.close());

  const operations = (): (readonly [string, string, Operation])[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
    );

  const ask = (method: string, path: string, operation: Operation, caller: Pick<Caller, 'token' | 'ticket'>) => {
    const address = path.replace('{account}', 'acc-1').replace('{session}', 'session-1').replace('{policy}', 'four');
    const query = operation.parameters?.some(({ name, in: place }) => name === 'account' && place === 'query');
    const json = BODIES[operation.operationId];
    return gateway.request(method, `${address}${query === true ? '?account=acc-1' : ''}`, {
      ...(json === undefined ? {} : { json }),
      ...(caller.token === undefined ? {} : { token: caller.token }),
      ...(caller.ticket === undefined ? {} : { ticket: caller.ticket }),
    });
  };
  /** Server-sent events never end: what they say is looked at in a test of their own. */
  const isEnding = (operation: Operation): boolean => operation.operationId !== 'getVerdictEvents';

  it('has a body for every operation that takes one', () => {
    for (const [, , operation] of operations()) {
      if (operation.requestBody !== undefined) expect(BODIES).toHaveProperty(operation.operationId);
    }
    expect(operations()).toHaveLength(createRoutes(gateway.parts).length);
  });

  it('the account’s own tokens see it, so that the secret is there to be seen', async () => {
    const token = await gateway.viewer();
    const seen = [];
    for (const [method, path, operation] of operations().filter(([, , one]) => isEnding(one))) {
      if (method !== 'GET' || OPEN.has(operation.operationId)) continue;
      const answer = await ask(method, path, operation, { token });
      if (JSON.stringify(answer.body).includes(SECRET)) seen.push(operation.operationId);
    }
    expect(seen.sort()).toEqual(['getAccountStreams', 'getDecision', 'getHistory', 'getPlaybackSession', 'getUsage']);
  });

  it('with tokens of another tenant, another account, each role, none, over the whole document', async () => {
    const leaks: string[] = [];
    const wrote: string[] = [];
    let refused = 0;
    for (const caller of callers) {
      for (const [method, path, operation] of operations().filter(([, , one]) => isEnding(one))) {
        const before = recordsOfDemo();
        const answer = await ask(method, path, operation, caller);
        const what = `${operation.operationId} as ${caller.name}: ${answer.status}`;
        // A service or operator of the same tenant sees all accounts of it: that is its role.
        const isStaff = caller.tenant === 'demo' && /^(service|operator)/.test(caller.name);
        // What was set for an account an analyst reads as well.
        const isReader =
          isStaff || (caller.name === 'analyst of demo/acc-2' && operation.operationId === 'getEntitlement');
        if (!isReader && JSON.stringify(answer.body).includes(SECRET)) leaks.push(what);
        if (!isStaff && recordsOfDemo() > before) wrote.push(what);
        if (answer.status === 401 || answer.status === 403 || answer.status === 404) refused++;
        expect({ what, status: answer.status < 500 }).toEqual({ what, status: true });
      }
    }
    expect({ leaks, wrote }).toEqual({ leaks: [], wrote: [] });
    expect(refused).toBeGreaterThan(callers.length * 5);
  });

  it('a search after a key of another tenant, which once gave that tenant’s keys as next, is refused and asks no guard', async () => {
    const token = await gateway.operator({ tenant: 'other' });
    const search = async (after: string) => {
      const asked = gateway.guard.asked.length;
      const { status, body } = await gateway.request('GET', `/v1/playback-sessions?after=${after}`, { token });
      return { status, body, asked: gateway.guard.asked.slice(asked) };
    };
    for (const after of ['', '0', 'demo/acc-1/session-1', 'other', 'other0', '~']) {
      const { status, body, asked } = await search(encodeURIComponent(after));
      expect({ after, status, asked }).toEqual({ after, status: 400, asked: [] });
      expect(body).toMatchObject({ errors: [{ pointer: '?after' }] });
    }
    const own = await search('other/acc-1/session-1');
    expect(own).toMatchObject({ status: 200, asked: [{ tenant: 'other', after: 'other/acc-1/session-1' }] });
  });

  it('nor does a stream of events', async () => {
    for (const { token, ticket, name, tenant } of callers) {
      if (tenant === 'demo' && /^(service|operator)/.test(name)) continue;
      const stopping = new AbortController();
      const response = await fetch(`${gateway.origin}/v1/accounts/acc-1/verdict-events`, {
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(ticket === undefined ? {} : { 'playback-ticket': ticket }),
        },
        signal: stopping.signal,
      });
      if (response.status === 200) {
        // A namesake in the own tenant: it hears of that one.
        const reader = response.body!.getReader();
        await reader.read();
        const place = { session: 'session-1', verdict: 'stop' as const, reason: SECRET, decidedAt: 1, partition: 0 };
        gateway.parts.feed.publish({ ...place, tenant: 'demo', account: 'acc-1', offset: 1 });
        gateway.parts.feed.publish({ ...place, tenant: 'other', account: 'acc-1', reason: 'own', offset: 2 });
        const { value } = await reader.read();
        expect(Buffer.from(value ?? []).toString()).toContain('"own"');
        expect(Buffer.from(value ?? []).toString()).not.toContain(SECRET);
        stopping.abort();
      } else expect([401, 403]).toContain(response.status);
    }
  });

  it('nor does a token of an issuer that is not known', async () => {
    const exp = Math.floor(gateway.clock.now / 1000) + 3600;
    const claims = { tenant: 'demo', account: 'acc-1', profile: 'p', device: 'd', roles: [...ROLES], exp };
    const token = await gateway.stranger.sign(claims);
    for (const [method, path, operation] of operations()) {
      if (OPEN.has(operation.operationId)) continue;
      expect((await ask(method, path, operation, { token })).status).toBe(401);
    }
  });

  /** Records about the account, whoever wrote them. */
  function recordsOfDemo(): number {
    const { heartbeats, events, entitlements, policies, settings } = gateway.log;
    const accounts = [...heartbeats, ...events, ...entitlements].filter(
      ({ tenant, account }) => tenant === 'demo' && account === 'acc-1',
    );
    return accounts.length + [...policies, ...settings].filter(({ tenant }) => tenant === 'demo').length;
  }
});
