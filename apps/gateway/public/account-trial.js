// Starts streams as a viewer would and keeps them alive with beats.

import { ApiError, ask, viewerToken } from './api.js';

/** Streams that this page plays, by session. */
const playing = new Map();
let started = 0;
/** Tells this page's devices from another tab's: a start from the same device would replace its older session. */
const page = Math.floor(Math.random() * 0x1000)
  .toString(16)
  .padStart(3, '0');

/**
 * Asks to start a stream on the account. Resolves with the admission, and whether it still
 * plays after its first beat; rejects with ApiError, 409 when the account is full.
 * `told` is called with the stream and the answer that says stop, `missed` with the stream and the error of a beat.
 */
export async function startStream(account, givenToken, { told, missed }) {
  started++;
  const device = `browser-${page}-${started}`;
  const token = (await viewerToken(account, device)) ?? givenToken;
  if (!token) throw new ApiError(401, { detail: 'A viewer token of this account is needed.' });
  const admission = await ask('POST', '/v1/playback-sessions', {
    token,
    body: { contentId: `film-${started}`, kind: 'VOD', title: `Film ${started}` },
  });
  const stream = { ...admission, device, sequence: 0, startedAt: performance.now(), told, missed };
  playing.set(admission.sessionId, stream);
  await beat(stream);
  return { ...admission, device, playing: playing.has(admission.sessionId) };
}

/** Stops beating for a session. Returns the stream, undefined if this page does not play it. */
export function forgetStream(session) {
  const stream = playing.get(session);
  if (stream === undefined) return undefined;
  clearTimeout(stream.timer);
  playing.delete(session);
  return stream;
}

/** Tells the gateway that every stream of this page ends: the page is going away. */
export function stopAllByBeacon() {
  for (const { sessionId, ticket } of playing.values()) {
    navigator.sendBeacon(`/v1/playback-sessions/${sessionId}/stop?ticket=${encodeURIComponent(ticket)}`);
  }
  playing.clear();
}

async function beat(stream) {
  try {
    const answer = await ask('POST', '/v1/heartbeats', {
      ticket: stream.ticket,
      body: {
        sequence: stream.sequence,
        state: 'PLAYING',
        positionMs: Math.round(performance.now() - stream.startedAt),
        sentAt: Date.now(),
      },
    });
    stream.sequence++;
    if (answer.ticket !== undefined) stream.ticket = answer.ticket;
    if (answer.verdict === 'stop') {
      forgetStream(stream.sessionId);
      stream.told(stream, answer);
      return;
    }
  } catch (error) {
    // The next beat has the same sequence: it was not counted, or will be counted once.
    stream.missed(stream, error);
  }
  if (playing.has(stream.sessionId)) stream.timer = setTimeout(() => void beat(stream), stream.heartbeat.intervalMs);
}
