import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { cmcdLines } from '../src/cmcd-lines.ts';
import { readRecordings, RecordingError } from '../src/read-recordings.ts';
import { ticketsOf } from '../src/recording.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/cmcd');
const directory = mkdtempSync(join(tmpdir(), 'playhead-replay-'));
afterAll(() => rmSync(directory, { recursive: true }));

const fileWith = (name: string, lines: readonly (object | string)[]): string => {
  const path = join(directory, name);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

describe('CMCD lines', () => {
  const line = 'bl=(0;v 0;a),cid="a,sid=\\"x\\"",e=ps,msd=1,sid="s-1",sn=1,sta=s,ts=1795257236432,v=2';

  it('are known by sid, ts, e and sn, whatever stands between', () => {
    expect(cmcdLines(`${line}\n`)).toEqual([{ identity: '"s-1" 1795257236432 ps 1', final: false }]);
  });

  it.each([
    ['a missing last LF', `${line}\n${line}`, 2],
    ['CR LF', `${line}\r\n${line}\r\n`, 2],
    ['an empty line', `${line}\n\n${line}\n`, 2],
    ['nothing', '', 0],
  ])('are split with %s', (_what, body, count) => {
    expect(cmcdLines(body)).toHaveLength(count);
  });

  it('without a sid have no identity', () => {
    expect(cmcdLines('e=ps,ts=1,v=2')).toEqual([{ identity: undefined, final: false }]);
  });

  it.each(['e', 'f', 'q'])('of state %s end the stream', (state) => {
    expect(cmcdLines(`e=ps,sid="s",sn=1,sta=${state},ts=1`)[0]!.final).toBe(true);
  });
});

describe('recordings', () => {
  it('of every capture are read: 735 posts of 80 sessions', () => {
    const recordings = globSync('*.jsonl.gz', { cwd: FIXTURES }).flatMap((file) =>
      readRecordings(join(FIXTURES, file)),
    );
    expect(recordings).toHaveLength(79);
    expect(recordings.reduce((sum, { posts }) => sum + posts.length, 0)).toBe(735);
    expect(
      recordings
        .flatMap(({ posts }) => posts)
        .every(({ path }) => path.startsWith('/v1/cmcd') && !path.includes('ticket=')),
    ).toBe(true);
  });

  it('of two tabs name two tickets', () => {
    const [twoTabs] = readRecordings(join(FIXTURES, 'dash-twotabs.jsonl.gz'));
    expect(ticketsOf(twoTabs!)).toEqual(['tk-1', 'tk-2']);
  });

  it('of a capture are its reports, with their query and type, but neither preflights nor media', () => {
    const request = {
      tMs: 5,
      server: 'collector',
      method: 'POST',
      path: '/v1/cmcd?ticket=tk-2&via=beacon',
      headers: { 'content-type': 'text/plain' },
      body: 'e=t\n',
    };
    const file = fileWith('capture.jsonl', [
      { ...request, method: 'OPTIONS' },
      { ...request, server: 'media', method: 'GET', path: '/clip/1.mp4' },
      { ...request, tMs: 9 },
      request,
    ]);
    const [recording] = readRecordings(file);
    expect(
      recording!.posts.map(({ tMs, ticket, path, contentType, body }) => [tMs, ticket, path, contentType, body(0)]),
    ).toEqual([
      [5, 'tk-2', '/v1/cmcd?via=beacon', 'text/plain', 'e=t\n'],
      [9, 'tk-2', '/v1/cmcd?via=beacon', 'text/plain', 'e=t\n'],
    ]);
  });

  it('of neutral events are beats and events of a player of ours, a recording for each session', () => {
    const of = (session: string, tMs: number, event: string, more: object = {}): object => ({
      tMs,
      session,
      event,
      ...more,
    });
    const file = fileWith('neutral.jsonl.gz', [
      of('a', 0, 'sessionStart', { content: 'film', kind: 'VOD', durationMs: 9000.4, network: '4g' }),
      of('a', 0, 'play'),
      of('a', 10, 'bitrate', { kbps: 300.6, height: 144, level: 0 }),
      of('a', 20, 'heartbeat', { state: 'rebuffering', positionMs: 11.7, kbps: 300, bufferMs: 5.5 }),
      of('a', 30, 'rebufferStart', { positionMs: 12 }),
      of('a', 40, 'somethingNew'),
      of('a', 50, 'seek', { fromMs: 12, toMs: 70 }),
      of('a', 60, 'end', { reason: 'ended', positionMs: 80 }),
      of('b', 0, 'sessionStart', { content: 'other', kind: 'LIVE' }),
      of('b', 5, 'heartbeat', { state: 'playing', positionMs: 1 }),
    ]);
    const [first, second] = readRecordings(file);
    expect([first!.name, first!.content, first!.kind, first!.stops]).toEqual(['neutral a', 'film', 'VOD', ['tk-1']]);
    const common = { durationMs: 9000, network: 'CELLULAR', sentAt: 1000 };
    expect(first!.posts.map(({ tMs, path, body }) => [tMs, path, JSON.parse(body(1000))])).toEqual([
      [0, '/v1/events', { sequence: 0, type: 'PLAY', positionMs: 0, ...common }],
      [10, '/v1/events', { sequence: 1, type: 'BITRATE', positionMs: 0, kbps: 301, height: 144, ...common }],
      [
        20,
        '/v1/heartbeats',
        { sequence: 0, state: 'REBUFFERING', positionMs: 12, bitrateKbps: 300, bufferMs: 6, ...common },
      ],
      [30, '/v1/events', { sequence: 2, type: 'REBUFFER_START', positionMs: 12, ...common }],
      [50, '/v1/events', { sequence: 3, type: 'SEEK', positionMs: 70, fromMs: 12, toMs: 70, ...common }],
      [60, '/v1/heartbeats', { sequence: 1, state: 'ENDED', positionMs: 80, ...common }],
    ]);
    expect([second!.content, second!.kind, second!.stops, second!.posts.length]).toEqual(['other', 'LIVE', [], 1]);
  });

  it('are none in the truth beside a capture', () => {
    expect(
      readRecordings(
        fileWith('x.truth.jsonl', [
          { player: 'dash', scenario: 'normal' },
          { tMs: 1, truth: 'play' },
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['nothing', [], 'is empty'],
    ['no JSON', ['{"tMs":0,"session":"a","event":"play"}', 'x'], 'line 2: not a JSON object'],
    ['something else', [{ a: 1 }], 'is neither a capture'],
  ])('are refused with the file named: %s', (name, lines, message) => {
    const file = fileWith(`${name}.jsonl`, lines);
    expect(() => readRecordings(file)).toThrow(RecordingError);
    expect(() => readRecordings(file)).toThrow(message);
    expect(() => readRecordings(join(directory, 'none.jsonl'))).toThrow('cannot be read');
  });
});
