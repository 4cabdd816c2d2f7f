import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beat, startTestGateway, VIEWER } from './testing/gateway-harness.ts';
import type { TestGateway } from './testing/gateway-harness.ts';

const HOUR_MS = 3_600_000;
const event = (fields: object = {}) => ({ sequence: 0, type: 'PLAY', positionMs: 0, sentAt: 1, ...fields });

/** path, body, and the problems expected in it. */
type BadBody = readonly [name: string, path: string, body: unknown, errors: readonly object[]];

const badBodies: readonly BadBody[] = [
  ['a word for a number', '/v1/heartbeats', beat({ positionMs: 'far' }), [{ pointer: '/positionMs', code: 'type' }]],
  [
    'a fraction of a millisecond',
    '/v1/heartbeats',
    beat({ positionMs: 1.5 }),
    [{ pointer: '/positionMs', code: 'type' }],
  ],
  ['a number for a word', '/v1/heartbeats', beat({ state: 3 }), [{ pointer: '/state', code: 'type' }]],
  ['null for an optional field', '/v1/heartbeats', beat({ bufferMs: null }), [{ pointer: '/bufferMs', code: 'type' }]],
  [
    'a position before unknown',
    '/v1/heartbeats',
    beat({ positionMs: -2 }),
    [{ pointer: '/positionMs', code: 'minimum' }],
  ],
  ['a negative sequence', '/v1/heartbeats', beat({ sequence: -1 }), [{ pointer: '/sequence', code: 'minimum' }]],
  ['a sequence beyond 2^53', '/v1/heartbeats', beat({ sequence: 1e300 }), [{ pointer: '/sequence', code: 'maximum' }]],
  [
    'a text that is too long',
    '/v1/heartbeats',
    beat({ cdn: 'x'.repeat(129) }),
    [{ pointer: '/cdn', code: 'maxLength' }],
  ],
  [
    'a wrong field in an object',
    '/v1/heartbeats',
    beat({ consent: { analytics: 'yes' } }),
    [{ pointer: '/consent/analytics', code: 'type' }],
  ],
  [
    'nothing that is needed',
    '/v1/heartbeats',
    {},
    ['sequence', 'state', 'positionMs', 'sentAt'].map((name) => ({ pointer: `/${name}`, code: 'required' })),
  ],
  ['a text', '/v1/heartbeats', 'beat', [{ pointer: '', code: 'type' }]],
  ['null', '/v1/heartbeats', null, [{ pointer: '', code: 'type' }]],
  ['an empty array', '/v1/heartbeats', [], [{ pointer: '', code: 'minItems' }]],
  ['101 beats', '/v1/heartbeats', Array.from({ length: 101 }, () => beat()), [{ pointer: '', code: 'maxItems' }]],
  [
    'the fourth of an array',
    '/v1/heartbeats',
    [beat(), beat(), beat(), beat({ positionMs: {} })],
    [{ pointer: '/3/positionMs', code: 'type' }],
  ],
  [
    'two of an array',
    '/v1/heartbeats',
    [beat({ sentAt: undefined }), beat(), 7],
    [
      { pointer: '/0/sentAt', code: 'required' },
      { pointer: '/2', code: 'type' },
    ],
  ],
  ['an event without a type', '/v1/events', event({ type: undefined }), [{ pointer: '/type', code: 'required' }]],
  ['the second of two events', '/v1/events', [event(), event({ toMs: 'end' })], [{ pointer: '/1/toMs', code: 'type' }]],
  ['an ad that is no object', '/v1/events', event({ type: 'AD_START', ad: 'a' }), [{ pointer: '/ad', code: 'type' }]],
  ['a start without content', '/v1/playback-sessions', { kind: 'VOD' }, [{ pointer: '/contentId', code: 'required' }]],
  [
    'an empty content id',
    '/v1/playback-sessions',
    { contentId: '', kind: 'VOD' },
    [{ pointer: '/contentId', code: 'minLength' }],
  ],
  ...(['\u0000', 'film\n1', 'film-\ud800', '  ', '\u00a0'] as const).map((contentId): BadBody => [
    `the content id ${JSON.stringify(contentId)}`,
    '/v1/playback-sessions',
    { contentId, kind: 'VOD' },
    [{ pointer: '/contentId', code: 'pattern' }],
  ]),
  ...(['a\u0007b', '\udc00'] as const).map((title): BadBody => [
    `the title ${JSON.stringify(title)}`,
    '/v1/playback-sessions',
    { contentId: 'film-1', kind: 'VOD', title },
    [{ pointer: '/title', code: 'pattern' }],
  ]),
  [
    'an e-mail address as content id',
    '/v1/playback-sessions',
    { contentId: 'a@b.example', kind: 'VOD' },
    [{ pointer: '/contentId', code: 'email' }],
  ],
];

describe('bad input', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({ GATEWAY_MAX_BODY_BYTES: '64KiB' });
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    gateway.log.heartbeats.length = 0;
    gateway.log.events.length = 0;
  });

  /** After every refusal the next good beat must go through, on the same server. */
  async function expectGoodBeatPasses(): Promise<void> {
    const stored = gateway.log.heartbeats.length;
    const good = await gateway.request('POST', '/v1/heartbeats', { json: beat(), ticket: gateway.ticketOf() });
    expect(good.status).toBe(200);
    expect(gateway.log.heartbeats).toHaveLength(stored + 1);
  }

  it.each(badBodies)('refuses %s with its pointer and stores nothing', async (_name, path, json, errors) => {
    const answer = await gateway.request('POST', path, {
      json,
      ticket: gateway.ticketOf(),
      token: await gateway.viewer(),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ type: '/problems/body-invalid', status: 400 });
    expect((answer.body as { errors: object[] }).errors).toMatchObject(errors);
    expect(gateway.log.size).toBe(0);
    await expectGoodBeatPasses();
  });

  it.each([
    ['half an object', '{"sequence":1,'],
    ['nothing', ''],
    ['a form', 'sequence=1&state=PLAYING'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
    ['two documents', '{}{}'],
  ])('refuses %s as malformed', async (_name, body) => {
    for (const path of ['/v1/heartbeats', '/v1/events', '/v1/playback-sessions']) {
      const answer = await gateway.request('POST', path, {
        body,
        ticket: gateway.ticketOf(),
        token: await gateway.viewer(),
        headers: { 'content-type': 'application/json' },
      });
      expect(answer).toMatchObject({ status: 400, body: { type: '/problems/body-malformed' } });
    }
    expect(gateway.log.size).toBe(0);
    await expectGoodBeatPasses();
  });

  it.each([
    ['/v1/heartbeats', (deep: string) => deep, '/0'],
    ['/v1/heartbeats', (deep: string) => `{"sequence":${deep}}`, '/sequence'],
    ['/v1/heartbeats', (deep: string) => `{"consent":{"analytics":${deep}}}`, '/consent/analytics'],
    ['/v1/events', (deep: string) => `{"setting":{"name":${deep}},"ad":${deep}}`, '/setting/name'],
    ['/v1/playback-sessions', (deep: string) => `{"contentId":${deep},"kind":"VOD"}`, '/contentId'],
    ['/v1/playback-sessions', (deep: string) => `{"contentId":"film-1","kind":"VOD","title":${deep}}`, '/title'],
  ])(
    'answers 400 with the pointer to JSON nested too deep to be written out, which was a 500: %s %#',
    async (path, wrap, pointer) => {
      for (const deep of ['['.repeat(15_000) + ']'.repeat(15_000), '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)]) {
        const answer = await gateway.request('POST', path, {
          body: wrap(deep),
          headers: { 'content-type': 'application/json' },
          ticket: gateway.ticketOf(),
          token: await gateway.viewer(),
        });
        expect(answer).toMatchObject({ status: 400, body: { type: '/problems/body-invalid' } });
        const pointers = (answer.body as { errors: { pointer: string }[] }).errors.map((error) => error.pointer);
        if (deep.startsWith('[') || pointer !== '/0') expect(pointers).toContain(pointer);
      }
      expect(gateway.log.size).toBe(0);
      await expectGoodBeatPasses();
    },
  );

  it('takes a beat with a field that it does not know, however deep that is nested', async () => {
    const body = JSON.stringify(beat()).replace('{', `{"deep":${'['.repeat(15_000)}${']'.repeat(15_000)},`);
    const answer = await gateway.request('POST', '/v1/heartbeats', { body, ticket: gateway.ticketOf() });
    expect(answer.status).toBe(200);
  });

  it.each(['channel/1:main', 'film 1', 'a.b_c-d', 'Ünïcode-\u{1F3AC}', '%00'])(
    'takes the content id %s',
    async (contentId) => {
      const json = { contentId, kind: 'VOD', title: 'Mädchen \u{1F469}\u200D\u{1F4BB}' };
      const answer = await gateway.request('POST', '/v1/playback-sessions', { json, token: await gateway.viewer() });
      expect(answer.status).toBe(201);
      expect(gateway.log.heartbeats).toMatchObject([{ content: contentId }]);
    },
  );

  it('lists no more than twenty wrong fields', async () => {
    const json = Array.from({ length: 100 }, () => ({}));
    const answer = await gateway.request('POST', '/v1/heartbeats', { json, ticket: gateway.ticketOf() });
    expect((answer.body as { errors: object[] }).errors).toHaveLength(20);
    expect((answer.body as { detail: string }).detail).toBe('/0/sequence is missing, and 399 more.');
  });

  it.each([
    ['application/xml', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('refuses the media type %s with %j as 415', async (type, headers) => {
    const answer = await gateway.request('POST', '/v1/heartbeats', {
      body: JSON.stringify(beat()),
      ticket: gateway.ticketOf(),
      headers: { 'content-type': type, ...headers },
    });
    expect(answer.status).toBe(415);
    await expectGoodBeatPasses();
  });

  it.each([
    ['no ticket', () => undefined, 'ticket-missing'],
    ['a text that is no ticket', () => 'abc', 'ticket-malformed'],
    ['a ticket with another letter in its signature', () => tampered(gateway.ticketOf()), 'ticket-refused'],
    ['a JWT instead of a ticket', () => gateway.viewer(), undefined],
    ['a ticket that has expired', () => expiredTicket(gateway), 'ticket-expired'],
  ])('refuses %s with 401 on every route that takes tickets', async (_name, ticketText, code) => {
    const ticket = await ticketText();
    for (const path of ['/v1/heartbeats', '/v1/events', '/v1/cmcd']) {
      const answer = await gateway.request('POST', path, {
        body: '{}',
        ...(ticket === undefined ? {} : { ticket }),
      });
      expect(answer.status).toBe(401);
      if (code !== undefined) expect(answer.body).toMatchObject({ type: `/problems/${code}` });
      // A challenge to send a bearer token would mislead: no token helps here.
      expect(answer.headers.get('www-authenticate')).toBeNull();
      if (ticket !== undefined) expect(JSON.stringify(answer.body)).not.toContain(`"${ticket}`);
    }
    expect(gateway.log.size).toBe(0);
    await expectGoodBeatPasses();
  });

  it.each([
    ['no token', async () => undefined, 'token-missing'],
    ['a text that is no token', async () => 'abc', 'token-malformed'],
    ['a token that another issuer signed', () => gateway.stranger.sign({ ...VIEWER, roles: ['viewer'] }), undefined],
    [
      'a token that has expired',
      () => gateway.issuer.sign({ ...VIEWER, roles: ['viewer'], exp: Math.floor(gateway.clock.now / 1000) - 60 }),
      'token-expired',
    ],
    ['a token without an end', () => gateway.issuer.sign({ ...VIEWER, roles: ['viewer'], exp: null }), undefined],
  ])('refuses %s with 401 on every route that takes tokens', async (_name, tokenText, code) => {
    const token = await tokenText();
    for (const [method, path] of TOKEN_ROUTES) {
      const answer = await gateway.request(method, path, {
        json: method === 'GET' ? undefined : {},
        ...(token === undefined ? {} : { token }),
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      if (code !== undefined) expect(answer.body).toMatchObject({ type: `/problems/${code}` });
    }
    expect(gateway.log.size).toBe(0);
  });

  it('answers an unknown path 404, another method 405 with Allow, and a path that is not UTF-8 400', async () => {
    expect(await gateway.request('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: { type: '/problems/path-unknown' },
    });
    const hot = await gateway.request('GET', '/v1/heartbeats');
    expect(hot).toMatchObject({ status: 405, body: { type: '/problems/method-not-allowed' } });
    expect(hot.headers.get('allow')).toBe('POST, OPTIONS');
    const cold = await gateway.request('PATCH', '/v1/playback-sessions/s-1');
    expect(cold.status).toBe(405);
    expect(cold.headers.get('allow')).toBe('GET, HEAD, DELETE, OPTIONS');
    expect((await gateway.request('GET', '/v1/accounts/%E0%A4%A/streams')).status).toBe(400);
    expect(gateway.failures).toEqual([]);
  });
});

const TOKEN_ROUTES: readonly (readonly [string, string])[] = [
  ['POST', '/v1/playback-sessions'],
  ['GET', '/v1/playback-sessions/session-1'],
  ['DELETE', '/v1/playback-sessions/session-1'],
  ['POST', '/v1/playback-sessions/session-1/stop'],
  ['GET', '/v1/accounts/acc-1/streams'],
  ['PUT', '/v1/accounts/acc-1/entitlement'],
  ['GET', '/v1/overview'],
];

function tampered(ticket: string): string {
  const last = ticket.at(-5);
  return `${ticket.slice(0, -5)}${last === 'A' ? 'B' : 'A'}${ticket.slice(-4)}`;
}

function expiredTicket(gateway: TestGateway): string {
  gateway.clock.now -= 25 * HOUR_MS;
  const ticket = gateway.ticketOf();
  gateway.clock.now += 25 * HOUR_MS;
  return ticket;
}
