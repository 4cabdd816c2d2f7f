import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createTickets, developmentKeys } from '@playhead/service-kit';

/**
 * The load, in a process of its own: a closed loop over kept connections, each request written when the answer before
 * it is there. Reads commands from its standard input, one a line: `<port> <beats a request> <connections> <seconds>`,
 * and answers each with a line of JSON.
 */
const SESSIONS = 4000;
const BEAT_INTERVAL_MS = 10_000;

interface Session {
  readonly ticket: string;
  sequence: number;
}

interface Tally {
  answered: number;
  refused: number;
}

const { ticketKey } = developmentKeys(process.argv[2]!);
const tickets = createTickets({ keys: [ticketKey], maxCached: 1 });
const sessions: Session[] = Array.from({ length: SESSIONS }, (_, at) => {
  const owner = { tenant: 'demo', account: `account-of-bench-${at}`, profile: 'profile-1', device: randomUUID() };
  const watched = { session: randomUUID(), content: 'content-1234', kind: 'VOD' as const };
  return { ticket: tickets.sign({ ...owner, ...watched, intervalMs: BEAT_INTERVAL_MS }), sequence: 0 };
});
let nextSession = 0;

/** About 300 bytes, as `baselines.md` has it. */
function beat(session: Session): object {
  const sequence = session.sequence++;
  return {
    sequence,
    state: 'PLAYING',
    positionMs: sequence * BEAT_INTERVAL_MS,
    sentAt: Date.now(),
    durationMs: 5_400_000,
    playbackRate: 1,
    bitrateKbps: 4500,
    throughputKbps: 18_200,
    bufferMs: 21_500,
    network: 'WIFI',
    cdn: 'cdn-a',
    appId: 'tv-app',
    appVersion: '4.12.0',
    player: 'shaka/5.2.12',
    playMs: BEAT_INTERVAL_MS,
    rebufferMs: 0,
    droppedFrames: 0,
  };
}

function requestText(beats: number): string {
  const session = sessions[nextSession++ % SESSIONS]!;
  const body = JSON.stringify(beats === 1 ? beat(session) : Array.from({ length: beats }, () => beat(session)));
  return `POST /v1/heartbeats HTTP/1.1\r\nHost: gateway\r\nPlayback-Ticket: ${session.ticket}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Bytes of the first whole answer in `text`, 0 when it is not there yet. */
function answerLength(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return 0;
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0);
  return text.length >= headEnd + 4 + length ? headEnd + 4 + length : 0;
}

function drive(port: number, beats: number, until: number, tally: Tally): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(requestText(beats)));
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const length = answerLength(received);
      if (length === 0) return;
      if (received.startsWith('HTTP/1.1 200')) tally.answered++;
      else tally.refused++;
      received = received.slice(length);
      if (performance.now() < until) socket.write(requestText(beats));
      else socket.end();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

process.stdin.setEncoding('utf8');
for await (const line of process.stdin) {
  const [port = 0, beats = 1, connections = 64, seconds = 1] = String(line).trim().split(' ').map(Number);
  const tally: Tally = { answered: 0, refused: 0 };
  const until = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, () => drive(port, beats, until, tally)));
  console.log(JSON.stringify(tally));
}
