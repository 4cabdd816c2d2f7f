import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Api } from '@playhead/playhead-client';
import { answeringUrl, hlsCmcdLoader, hookDash, hookShaka } from '@playhead/playhead-client';
import { withPosition } from '../src/cmcd/cmcd-hook.ts';

const STOP = JSON.stringify({ verdict: 'stop', nextBeatInMs: 1, serverTime: 1 });
const RENEWED = JSON.stringify({ verdict: 'continue', nextBeatInMs: 1, serverTime: 1, ticket: 'n/2' });
const LINES = 'e=t,sid="a"\ne=ps,sta=p\n';

function hook() {
  const verdicts: Api.VerdictAnswer[] = [];
  const url = 'http://gw/v1/cmcd?ticket=t&interval=10';
  return {
    verdicts,
    url,
    positionMs: () => 1234.4,
    onVerdict: (answer: Api.VerdictAnswer) => void verdicts.push(answer),
  };
}

describe('hooks on the CMCD reporters of players', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('add the playhead to every line, and nothing behind the last LF', () => {
    expect(withPosition(LINES, 1234.4)).toBe('e=t,sid="a",pt=1234\ne=ps,sta=p,pt=1234\n');
  });

  it('the address that a reporter needs was not exported', () => {
    expect(answeringUrl(hook().url)).toBe('http://gw/v1/cmcd?ticket=t&interval=10&answer=json');
  });

  it('a playhead that is not known spoiled the lines', () => {
    expect(withPosition(LINES, Number.NaN)).toBe(LINES);
  });

  it('dash.js: change reports only, and read their answers whatever form they have', async () => {
    const own = hook();
    const intercept: { request?: (given: never) => unknown; response?: (given: never) => unknown } = {};
    hookDash(
      {
        addRequestInterceptor: (given) => (intercept.request = given as never),
        addResponseInterceptor: (given) => (intercept.response = given as never),
      },
      own,
    );
    const request = (type: string, url = `${own.url}&answer=json`) => ({
      url,
      body: LINES,
      customData: { request: { type } },
    });
    expect(await intercept.request?.(request('CmcdEvent') as never)).toMatchObject({ body: withPosition(LINES, 1234) });
    expect(await intercept.request?.(request('MediaSegment') as never)).toMatchObject({ body: LINES });
    for (const data of [STOP, JSON.parse(STOP), new TextEncoder().encode(STOP).buffer, '<html>', undefined]) {
      await intercept.response?.({ data, request: request('CmcdEvent') } as never);
    }
    await intercept.response?.({ data: STOP, request: request('MediaSegment') } as never);
    expect(own.verdicts.map(({ verdict }) => verdict)).toEqual(['stop', 'stop', 'stop']);
    await intercept.response?.({ data: RENEWED, request: request('CmcdEvent') } as never);
    // A ticket that ended a day after the start had every later report refused.
    expect(await intercept.request?.(request('CmcdEvent') as never)).toMatchObject({
      url: 'http://gw/v1/cmcd?ticket=n%2F2&interval=10&answer=json',
    });
    const ofNextStream = request('CmcdEvent', 'http://gw/v1/cmcd?ticket=u&interval=10');
    expect(await intercept.request?.(ofNextStream as never)).toMatchObject({ url: ofNextStream.url });
  });

  it('hls.js: change reports, read their answers and give later ones the new ticket', async () => {
    const own = hook();
    const asked: [unknown, RequestInit | undefined][] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation((address, init) => {
      asked.push([address, init]);
      return Promise.resolve(new Response(asked.length === 1 ? RENEWED : STOP, { status: 200 }));
    });
    const load = hlsCmcdLoader(own);
    const report = { url: `${own.url}&answer=json`, headers: {}, body: LINES };
    expect([await load(report), await load(report)]).toEqual([{ status: 200 }, { status: 200 }]);
    expect(asked.map(([address]) => address)).toEqual([
      report.url,
      'http://gw/v1/cmcd?ticket=n%2F2&interval=10&answer=json',
    ]);
    expect(asked[0]?.[1]).toMatchObject({ keepalive: true, body: withPosition(LINES, 1234) });
    expect(own.verdicts.map(({ verdict }) => verdict)).toEqual(['continue', 'stop']);
  });

  it('hls.js: a report with more bytes than characters was too long to outlive the page', async () => {
    const fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response(STOP)));
    const own = hook();
    await hlsCmcdLoader(own)({ url: own.url, headers: {}, body: `cid="${'映'.repeat(12_000)}"\n` });
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ keepalive: false });
  });

  it('Shaka: know reports by their address', () => {
    const own = hook();
    const filters: {
      request?: (type: unknown, given: never) => void;
      response?: (type: unknown, given: never) => void;
    } = {};
    hookShaka(
      {
        registerRequestFilter: (given) => (filters.request = given as never),
        registerResponseFilter: (given) => (filters.response = given as never),
      },
      own,
    );
    const report = { uris: [`${own.url}&answer=json`], body: new TextEncoder().encode(LINES) };
    filters.request?.(undefined, report as never);
    expect(new TextDecoder().decode(report.body)).toBe(withPosition(LINES, 1234));
    const data = new TextEncoder().encode(STOP);
    filters.response?.(undefined, { uri: `${own.url}&answer=json`, data } as never);
    filters.response?.(undefined, { uri: 'http://cdn/seg', data } as never);
    expect(own.verdicts).toHaveLength(1);
    filters.response?.(undefined, { uri: `${own.url}&answer=json`, data: new TextEncoder().encode(RENEWED) } as never);
    const later = { uris: [`${own.url}&answer=json`], body: new TextEncoder().encode(LINES) };
    filters.request?.(undefined, later as never);
    expect(later.uris).toEqual(['http://gw/v1/cmcd?ticket=n%2F2&interval=10&answer=json']);
    filters.response?.(undefined, { uri: later.uris[0], data } as never);
    expect(own.verdicts).toHaveLength(3);
  });
});
