import type { Consent, NetworkKind, PlayerState } from '@playhead/event-schemas';
import type { SurroundingsBody } from '../contract/bodies.ts';
import { NETWORKS, PLAYER_STATES, wordFinder } from '../contract/words.ts';

/** Finds what a player does; UNKNOWN when it says nothing or a word that is not known. */
export const findPlayerState = wordFinder<PlayerState>(PLAYER_STATES);

/** Finds how a player is connected; UNKNOWN likewise. */
export const findNetwork = wordFinder<NetworkKind>(NETWORKS);

/** The fields about player and application that beats and events share, as records have them. */
export function surroundings(body: SurroundingsBody) {
  return {
    durationMs: body.durationMs ?? null,
    playbackRate: body.playbackRate ?? null,
    bitrateKbps: body.bitrateKbps ?? null,
    throughputKbps: body.throughputKbps ?? null,
    bufferMs: body.bufferMs ?? null,
    liveLatencyMs: body.liveLatencyMs ?? null,
    network: findNetwork(body.network),
    cdn: body.cdn ?? null,
    appId: body.appId ?? null,
    appVersion: body.appVersion ?? null,
    player: body.player ?? null,
    anonymousId: body.anonymousId ?? null,
    appSessionId: body.appSessionId ?? null,
    consent: consentOf(body),
  };
}

/** What the viewer agreed to, as records have it. */
export function consentOf({ consent }: SurroundingsBody): Consent | null {
  if (consent === undefined) return null;
  const { analytics = null, personalisation = null, advertising = null } = consent;
  return { analytics, personalisation, advertising };
}
