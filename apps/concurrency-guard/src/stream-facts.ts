import type { PlaybackHeartbeat, StreamAttributes } from '@playhead/event-schemas';
import type { CountedStream } from './policies/counted-stream.ts';
import { lastSeenMs } from './stored-session.ts';
import type { SessionState, StreamFacts } from './stored-session.ts';

/**
 * What a START, or a back end's evidence, says about its stream besides who watches what; null when nothing. Beats do not
 * say it: a stream cannot start as one thing and go on as another.
 */
export function factsOf(report: PlaybackHeartbeat): StreamFacts | null {
  if (report.type !== 'START' && report.source !== 'SERVICE') return null;
  const { title, deviceType, channel, rightsHolder, location, home, adSupported, exempt, downloaded } = report;
  const facts = {
    title,
    deviceType,
    channel,
    rightsHolder,
    package: report.package,
    territory: report.territory ?? report.country,
    location,
    home,
    adSupported,
    app: report.appId,
    exempt,
    downloaded,
  };
  return Object.values(facts).some((fact) => fact !== null && fact !== false) || home === false ? facts : null;
}

/** The attributes of a stream as policies read them. */
export function streamAttributes(
  { profile, device, deviceClass, content, kind, facts }: SessionState,
  plan: string,
): StreamAttributes {
  return {
    profile,
    plan,
    device,
    deviceClass,
    deviceType: facts?.deviceType ?? null,
    content,
    kind,
    channel: facts?.channel ?? null,
    rightsHolder: facts?.rightsHolder ?? null,
    package: facts?.package ?? null,
    territory: facts?.territory ?? null,
    location: facts?.location ?? null,
    home: facts?.home ?? null,
    adSupported: facts?.adSupported ?? null,
    app: facts?.app ?? null,
  };
}

/** A session as rules count it. */
export function countedStream(state: SessionState, plan: string): CountedStream {
  const { session, startedAt, leaseExpiresAt, beats, pausedSince, facts } = state;
  const attributes = streamAttributes(state, plan);
  const exempt = facts?.exempt ?? false;
  const lastSeenAt = lastSeenMs(state);
  return { session, attributes, exempt, startedAt, lastSeenAt, leaseExpiresAt, beats, pausedSince };
}
