import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenError } from '@playhead/service-kit';
import type { OpenApiDocument } from '../../src/contract/openapi-document.ts';
import { createRoutes } from '../../src/routes/index.ts';
import { sessionView } from '../testing/fakes.ts';
import { beat, startTestGateway } from '../testing/gateway-harness.ts';
import type { Answer, TestGateway } from '../testing/gateway-harness.ts';

describe('the OpenAPI document', () => {
  let gateway: TestGateway;
  let document: OpenApiDocument;

  beforeAll(async () => {
    gateway = await startTestGateway();
    document = (await gateway.request('GET', '/openapi.json')).body as OpenApiDocument;
  });
  afterAll(() => gateway.close());

  it('has every route', () => {
    expect(document.openapi).toBe('3.1.0');
    for (const { method, path, operation } of createRoutes(gateway.parts)) {
      expect(document.paths[path]?.[method.toLowerCase()]).toMatchObject(JSON.parse(JSON.stringify(operation)));
    }
  });

  it('gives every operation an id of its own and every path parameter a description', () => {
    const ids: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { operationId, parameters = [] } of Object.values(methods)) {
        ids.push(operationId);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const described = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(described).toEqual(named);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to no schema that is not there', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(document.components.schemas).toHaveProperty(name ?? '');
  });

  it('describes the answers that the routes really give', async () => {
    gateway.guard.known.set('demo/acc-1/session-1', sessionView('session-1', gateway.clock.now));
    gateway.guard.streamsOf.set('demo/acc-1', [
      { ...sessionView('session-1', gateway.clock.now), device: 'tv-1', content: 'film-1', kind: 'VOD' },
    ]);
    const token = await gateway.viewer();
    const operator = await gateway.operator();
    const ticket = gateway.ticketOf();
    const start = { json: { contentId: 'film-1', kind: 'VOD' }, token };
    expectDescribed('/v1/playback-sessions', 'post', await gateway.request('POST', '/v1/playback-sessions', start));
    gateway.guard.decision = { decision: 'deny', usage: { current: 2, max: 2 }, conflicts: [], retryAfterMs: 5 };
    expectDescribed('/v1/playback-sessions', 'post', await gateway.request('POST', '/v1/playback-sessions', start));
    const session = '/v1/playback-sessions/{session}';
    expectDescribed(session, 'get', await gateway.request('GET', '/v1/playback-sessions/session-1', { token }));
    expectDescribed(session, 'get', await gateway.request('GET', '/v1/playback-sessions/none', { token }));
    expectDescribed(session, 'delete', await gateway.request('DELETE', '/v1/playback-sessions/session-1', { ticket }));
    const beats = await gateway.request('POST', '/v1/heartbeats', { json: [beat()], ticket });
    expectDescribed('/v1/heartbeats', 'post', beats);
    expectDescribed('/v1/heartbeats', 'post', await gateway.request('POST', '/v1/heartbeats', { json: {}, ticket }));
    expectDescribed('/v1/cmcd', 'post', await gateway.request('POST', '/v1/cmcd?answer=json', { body: 'e=t', ticket }));
    expectDescribed('/v1/cmcd', 'post', await gateway.request('POST', '/v1/cmcd', { body: 'e=t', ticket }));
    const streams = await gateway.request('GET', '/v1/accounts/acc-1/streams', { token });
    expectDescribed('/v1/accounts/{account}/streams', 'get', streams);
    expectDescribed('/v1/overview', 'get', await gateway.request('GET', '/v1/overview', { token: operator }));
    expectDescribed('/demo/tokens', 'get', await gateway.request('GET', '/demo/tokens?account=acc-1'));
  });

  it('describes what every operation answers to another method, an empty name and too long a head, which it left out', async () => {
    for (const { path, method } of createRoutes(gateway.parts)) {
      const name = method.toLowerCase();
      const address = path.replaceAll(/\{\w+\}/g, 'x');
      const other = await gateway.request('PATCH', address);
      expect(other.status).toBe(405);
      expect(other.headers.get('allow')?.split(', ')).toContain(method);
      expectDescribed(path, name, other);
      const long = await gateway.request(method, address, { ticket: 'x'.repeat(20_000) });
      expect(long.status).toBe(431);
      expectDescribed(path, name, long);
      if (!path.includes('{')) continue;
      const nameless = await gateway.request(method, path.replaceAll(/\{\w+\}/g, ''));
      expect(nameless).toMatchObject({ status: 404, body: { type: '/problems/path-unknown' } });
      expectDescribed(path, name, nameless);
    }
  });

  it('describes what every operation answers to an address that is not well encoded, and while the keys of an issuer cannot be read', async () => {
    const { tokens } = gateway.parts;
    const { verify } = tokens;
    for (const { path, method, operation } of createRoutes(gateway.parts)) {
      const name = method.toLowerCase();
      const body = method === 'GET' || method === 'DELETE' ? {} : { json: {} };
      if (path.includes('{')) {
        const encoded = await gateway.request(method, path.replaceAll(/\{\w+\}/g, '%zz'), body);
        expect(encoded).toMatchObject({ status: 400, body: { type: '/problems/address-malformed' } });
        expectDescribed(path, name, encoded);
      }
      if (!operation.security.some((kind) => 'token' in kind)) continue;
      const address = path.replaceAll(/\{\w+\}/g, 'x');
      expectDescribed(path, name, await gateway.request(method, address, body));
      tokens.verify = async () => {
        throw new TokenError('token-unverifiable', 'keys are away');
      };
      const unverified = await gateway.request(method, address, { ...body, token: 'x' });
      tokens.verify = verify;
      expect(unverified).toMatchObject({ status: 503, body: { type: '/problems/token-unverifiable' } });
      expectDescribed(path, name, unverified);
    }
  });

  it('describes the header that says which types of a body are read', async () => {
    const headers = { 'content-type': 'image/png' };
    const answer = await gateway.request('POST', '/v1/heartbeats', { headers, body: 'x', ticket: gateway.ticketOf() });
    expect(answer.status).toBe(415);
    expectDescribed('/v1/heartbeats', 'post', answer);
  });

  it('says of the account in a query that it is not empty, as the routes do', async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { parameters = [], security }] of Object.entries(methods)) {
        const account = parameters.find((parameter) => parameter.name === 'account' && parameter.in === 'query');
        if (account === undefined || security.length === 0) continue;
        expect(account.schema.minLength).toBe(1);
        const address = `${path.replaceAll(/\{\w+\}/g, 's-1')}?account=`;
        const answer = await gateway.request(method.toUpperCase(), address, { token: await gateway.operator() });
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '?account' }] } });
        expectDescribed(path, method, answer);
      }
    }
    expect.hasAssertions();
  });

  function expectDescribed(path: string, method: string, answer: Answer): void {
    const described = document.paths[path]?.[method]?.responses[String(answer.status)];
    expect({ path, status: answer.status, described: described !== undefined }).toMatchObject({ described: true });
    const headers = Object.keys(described?.headers ?? {}).map((name) => name.toLowerCase());
    expect(headers).toEqual(expect.arrayContaining(TOLD.filter((name) => answer.headers.has(name))));
    const type = answer.headers.get('content-type');
    const schema = described?.content?.[type ?? '']?.schema;
    if (type === null) expect(described?.content).toBeUndefined();
    else {
      const ajv = new Ajv2020({ strict: false });
      ajv.addSchema({ $id: 'openapi', components: document.components });
      const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object);
      validate(answer.body);
      expect({ path, status: answer.status, errors: validate.errors }).toEqual({
        path,
        status: answer.status,
        errors: null,
      });
    }
  }
});

/** Headers that tell a caller what to do. */
const TOLD = ['accept-post', 'allow', 'retry-after', 'www-authenticate'];
