import { expect, test } from '@jest/globals';
import type { Ticket } from '@playhead/service-kit';
import type { HeartbeatBody } from '../../src/contract/bodies.ts';
import { heartbeatRecord } from '../../src/records/heartbeat-record.ts';
import { surroundings } from '../../src/records/surroundings.ts';
import { ticketFields } from '../../src/records/ticket-fields.ts';

const NOW = 1_700_000_000_000;
const received = {
  receivedAt: NOW,
  clockOffsetMs: 5,
  ticketExpiresAt: NOW + 90_000,
  nextBeatInMs: 30_000,
  gateway: 'gateway-1',
};
const ticket: Ticket = {
  tenant: 'demo',
  account: 'acc-1',
  profile: 'p-1',
  device: 'd-1',
  session: 's-1',
  content: 'film-1',
  kind: 'VOD',
  title: 'A film',
  intervalMs: 30_000,
  issuedAt: NOW,
  expiresAt: NOW + 86_400_000,
};
const bare: HeartbeatBody = { sequence: 3, state: 'PLAYING', positionMs: 7, sentAt: NOW - 10 };
const full: Required<HeartbeatBody> = {
  ...bare,
  rangeStartMs: 1,
  playMs: 2,
  rebufferMs: 3,
  pauseMs: 4,
  rebufferCount: 5,
  droppedFrames: 6,
  renderedFrames: 7,
  durationMs: 8,
  playbackRate: 1.5,
  bitrateKbps: 9,
  throughputKbps: 10,
  bufferMs: 11,
  liveLatencyMs: 12,
  network: 'wifi',
  cdn: 'cdn-1',
  appId: 'app',
  appVersion: '1.0',
  player: 'player 1',
  anonymousId: 'anon',
  appSessionId: 'app-session',
  consent: { analytics: true },
};

test.each([
  ['with every field', full],
  ['with none that it may leave out', bare],
])(
  'a beat %s has what its body says, and shares with other records what they have of ticket and surroundings',
  (_name, body) => {
    const { sequence, state, positionMs, sentAt, ...others } = body;
    const { network: _network, consent: _consent, ...said } = others;
    expect(heartbeatRecord(ticket, body, received)).toMatchObject({
      ...said,
      ...surroundings(body),
      ...ticketFields(ticket),
      sequence,
      state,
      positionMs,
      type: 'BEAT',
      source: 'NATIVE',
      receivedTime: NOW,
      eventTime: sentAt + received.clockOffsetMs,
      clientTime: sentAt,
      clockOffsetMs: received.clockOffsetMs,
      intervalMs: received.nextBeatInMs,
      ticketExpiresAt: received.ticketExpiresAt,
      gateway: received.gateway,
    });
  },
);

test('no beat has anything of the one before it', () => {
  heartbeatRecord(ticket, full, received);
  const { title: _title, ...untitled } = ticket;
  const record = heartbeatRecord(untitled, bare, received);
  expect(record).toMatchObject(surroundings(bare));
  expect([record.title, record.playMs]).toEqual([null, null]);
});
