import { describe, expect, it } from '@jest/globals';
import type { Ticket } from '@playhead/service-kit';
import { readCmcdLine } from '../../src/cmcd/cmcd-line.ts';
import type { CmcdLine } from '../../src/cmcd/cmcd-line.ts';
import { cmcdRecords } from '../../src/cmcd/cmcd-records.ts';
import { SESSION, VIEWER } from '../testing/gateway-harness.ts';
import { captures, linesOf } from './captures.ts';

const RECEIVED_AT = 1_795_258_010_000;
const TICKET: Ticket = { ...VIEWER, ...SESSION, issuedAt: RECEIVED_AT - 1000, expiresAt: RECEIVED_AT + 86_400_000 };
const ID = 'sid="abc",sn=4,ts=1795258009742,v=2';

const records = (line: string) =>
  cmcdRecords(TICKET, readCmcdLine(line) as CmcdLine, {
    ticketExpiresAt: TICKET.expiresAt,
    receivedAt: RECEIVED_AT,
    clockOffsetMs: 100,
    intervalMs: 10_000,
  });

describe('cmcdRecords', () => {
  it('makes a beat of an interval line and nothing else', () => {
    const made = records(`e=t,sta=p,br=(40;v 12;a),mtp=(73100;v),pt=12345,${ID}`);
    expect(made).toMatchObject({ kind: 'cmcd-beat', event: undefined, final: false });
    expect(made.heartbeat).toMatchObject({
      ...VIEWER,
      type: 'BEAT',
      source: 'CMCD',
      session: 'session-1',
      content: 'film-1',
      sequence: null,
      cmcd: { sid: 'abc', sn: 4, ts: 1_795_258_009_742, event: 't', state: 'p' },
      evidence: null,
      intervalMs: 10_000,
      state: 'PLAYING',
      positionMs: 12_345,
      bitrateKbps: 52,
      throughputKbps: 73_100,
      clientTime: 1_795_258_009_742,
      eventTime: 1_795_258_009_842,
      receivedTime: RECEIVED_AT,
    });
  });

  it('makes an event and evidence of every other line, with one event id', () => {
    const made = records(`e=ps,sta=a,${ID}`);
    expect(made.kind).toBe('cmcd-event');
    expect(made.heartbeat).toMatchObject({
      type: 'EVIDENCE',
      evidence: { kind: 'PLAYER_EVENT', countsAsEvent: true },
      state: 'PAUSED',
    });
    expect(made.event).toMatchObject({ type: 'STATE_CHANGE', state: 'PAUSED', eventId: made.heartbeat.eventId });
  });

  it('takes nothing about identity from the line', () => {
    const { heartbeat } = records(`cid="other",e=t,${ID}`);
    expect(heartbeat).toMatchObject({ content: 'film-1', session: 'session-1' });
  });

  it.each([
    ['the same line', `e=ps,sta=p,${ID}`, true],
    ['the same line with its keys in another order and more of them', `${ID},bl=(1),sta=p,e=ps`, true],
    ['another sid', 'e=ps,sid="abd",sn=4,ts=1795258009742', false],
    ['another ts, as after a restart of sn', 'e=ps,sid="abc",sn=4,ts=1795258009743', false],
    ['another event', `e=bc,${ID}`, false],
    ['another sn', 'e=ps,sid="abc",sn=5,ts=1795258009742', false],
  ])('tells lines apart by (sid, ts, e, sn): %s', (_name, line, same) => {
    const id = records(`e=ps,sta=p,${ID}`).heartbeat.eventId;
    expect(records(line).heartbeat.eventId === id).toBe(same);
  });

  it('lets a line without a sid renew the lease and count as nothing', () => {
    for (const line of ['e=t,ts=1795258009742,v=2', 'e=ps,ts=1795258009742,v=2', 'v=2']) {
      const made = records(line);
      expect(made.kind).toBe('cmcd-without-sid');
      expect(made.heartbeat).toMatchObject({ type: 'EVIDENCE', evidence: { countsAsEvent: false }, state: 'UNKNOWN' });
    }
    expect(records('e=ps,ts=1,v=2').event).toMatchObject({ type: 'STATE_CHANGE', session: 'session-1' });
  });

  it.each([8e15, -8e15])('leaves out a time that Avro would write with another sign: %d', (time) => {
    const { heartbeat, event } = records(`e=ps,sid="abc",sn=1,ts=${time},pt=${time},msd=${time}`);
    expect(heartbeat).toMatchObject({ clientTime: null, eventTime: RECEIVED_AT, positionMs: null });
    expect([heartbeat.cmcd?.ts, event?.startupMs]).toEqual([null, null]);
  });

  it('takes a line that lacks time, number or event as an event of the session', () => {
    const made = records('sid="abc"');
    expect(made.kind).toBe('cmcd-event');
    expect(made.event).toMatchObject({ type: 'UNKNOWN', clientTime: null, eventTime: RECEIVED_AT });
  });

  it.each([
    ['s', 'STARTING', false],
    ['d', 'STARTING', false],
    ['p', 'PLAYING', false],
    ['k', 'SEEKING', false],
    ['r', 'REBUFFERING', false],
    ['w', 'REBUFFERING', false],
    ['a', 'PAUSED', false],
    ['e', 'ENDED', true],
    ['f', 'ENDED', true],
    ['q', 'ENDED', true],
    ['z', 'UNKNOWN', false],
  ])('reads sta=%s as %s, final: %s', (token, state, final) => {
    const made = records(`e=ps,sta=${token},${ID}`);
    expect(made.final).toBe(final);
    expect(made.heartbeat.state).toBe(state);
    expect(made.heartbeat.cmcd?.state).toBe(token);
  });

  it('knows no state where the player sends none: a minified Shaka is not paused', () => {
    expect(records(`e=t,br=(52),${ID}`).heartbeat).toMatchObject({ state: 'UNKNOWN', cmcd: { state: null } });
  });

  it('makes no rebuffering of r or w between a seek and playing: it keeps states and judges none', () => {
    const seek = ['k', 'r', 'w', 'p'].map(
      (sta, sn) => records(`e=ps,sta=${sta},sid="abc",sn=${sn},ts=${sn}`).event?.type,
    );
    expect(seek).toEqual(['STATE_CHANGE', 'STATE_CHANGE', 'STATE_CHANGE', 'STATE_CHANGE']);
  });

  it('reads ec, as a number or a list, on an error’s own line only', () => {
    expect(records(`e=e,ec=27,${ID}`).event?.error).toMatchObject({ code: '27', fatal: null });
    expect(records(`e=e,ec=("E1" "E2"),sta=f,${ID}`).event?.error).toMatchObject({ code: 'E1,E2', fatal: true });
    expect(records(`e=e,${ID}`).event?.error).toMatchObject({ code: null });
    expect(records(`e=ps,ec=27,sta=p,${ID}`).event?.error).toBeNull();
  });

  it('concludes nothing from bl and msd, which players get wrong', () => {
    const without = records(`e=ps,sta=p,${ID}`);
    const withThem = records(`e=ps,sta=p,bl=(0;v 0;a),msd=1,${ID}`);
    expect(withThem.heartbeat).toEqual({ ...without.heartbeat, bufferMs: 0 });
    expect(withThem.event).toEqual({ ...without.event, bufferMs: 0, startupMs: 1 });
  });

  it('makes records of every captured line', () => {
    const kinds: Record<string, number> = {};
    for (const line of captures.flatMap(linesOf)) {
      const { kind } = records(line);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    expect(kinds).toEqual({ 'cmcd-beat': 413, 'cmcd-event': 373, 'cmcd-without-sid': 5 });
  });

  it.each([
    ['numbers out of range', `e=t,br=(1e30),bl=-5,sn=99999999999999999,${ID}`, { bitrateKbps: null, bufferMs: null }],
    ['texts for numbers', `e=t,br=fast,pt="x",${ID}`, { bitrateKbps: null, positionMs: null }],
    ['long decimals', `e=t,bl=3961.2200000000003,pt=0.5,${ID}`, { bufferMs: 3961, positionMs: 1 }],
  ])('leaves out %s', (_name, line, expected) => {
    expect(records(line).heartbeat).toMatchObject(expected);
  });

  it('keeps the host of a response and never its address', () => {
    const made = records(`e=rr,url="https://cdn.example/a/b?token=secret",rc=404,ttfb=12,ot=v,${ID}`);
    expect(made.event?.response).toEqual({
      host: 'cdn.example',
      status: 404,
      objectType: 'v',
      firstByteMs: 12,
      lastByteMs: null,
    });
    expect(JSON.stringify(made)).not.toContain('secret');
  });
});
