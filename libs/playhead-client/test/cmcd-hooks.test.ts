import { describe, expect, it } from '@jest/globals';
import type { Api } from '@playhead/playhead-client';
import { hookDash, hookShaka } from '@playhead/playhead-client';
import { withPosition } from '../src/cmcd/cmcd-hook.ts';

const STOP = JSON.stringify({ verdict: 'stop', nextBeatInMs: 1, serverTime: 1 });
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
  it('add the playhead to every line, and nothing behind the last LF', () => {
    expect(withPosition(LINES, 1234.4)).toBe('e=t,sid="a",pt=1234\ne=ps,sta=p,pt=1234\n');
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
    const request = (type: string) => ({ body: LINES, customData: { request: { type } } });
    expect(await intercept.request?.(request('CmcdEvent') as never)).toMatchObject({ body: withPosition(LINES, 1234) });
    expect(await intercept.request?.(request('MediaSegment') as never)).toMatchObject({ body: LINES });
    for (const data of [STOP, JSON.parse(STOP), new TextEncoder().encode(STOP).buffer, '<html>', undefined]) {
      await intercept.response?.({ data, request: request('CmcdEvent') } as never);
    }
    await intercept.response?.({ data: STOP, request: request('MediaSegment') } as never);
    expect(own.verdicts.map(({ verdict }) => verdict)).toEqual(['stop', 'stop', 'stop']);
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
  });
});
