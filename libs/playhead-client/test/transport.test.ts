import { describe, expect, it } from '@jest/globals';
import { HttpTransport, PlayheadApi } from '@playhead/playhead-client';

describe('HttpTransport', () => {
  const answering = (
    headers: Readonly<Record<string, string>>,
    body = '',
  ): { transport: HttpTransport; asked: Request[] } => {
    const asked: Request[] = [];
    const transport = new HttpTransport('http://gateway', {
      fetch: (input, init) => {
        asked.push(new Request(input, init));
        return Promise.resolve(new Response(body, { status: 503, headers }));
      },
    });
    return { transport, asked };
  };

  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    [
      'a date, by the clock of the server',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      30_000,
    ],
    ['a date that is over', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
    ['nothing', {}, undefined],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['less than nothing, which was a date that is over', { 'retry-after': '-5' }, undefined],
    ['two values, which were a date that is over', { 'retry-after': '5, 5' }, undefined],
  ])('reads a Retry-After of %s', async (_name, headers, ms) => {
    const { transport } = answering(headers);
    expect((await transport.send({ method: 'GET', path: '/' })).retryAfterMs).toBe(ms);
  });

  it('an answer whose body is not the JSON that its type says had no status either: a 401 was taken for no network', async () => {
    const { transport } = answering({ 'content-type': 'application/json', 'retry-after': '7' }, '<html>');
    expect(await transport.send({ method: 'GET', path: '/' })).toEqual({
      status: 503,
      body: '<html>',
      retryAfterMs: 7_000,
    });
  });

  it('a CMCD report of the generated client was sent as a JSON text, of which the gateway read no line', async () => {
    const { transport, asked } = answering({});
    await new PlayheadApi(transport).postCmcd({ query: { ticket: 't' }, body: 'e=t,sid="a"\n' });
    expect(asked[0]?.headers.get('content-type')).toBe('application/cmcd');
    expect(await asked[0]?.text()).toBe('e=t,sid="a"\n');
  });
});
