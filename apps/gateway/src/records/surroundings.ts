import type { Consent, NetworkKind, PlayerState } from '@playhead/event-schemas';
import type { SurroundingsBody } from '../contract/bodies.ts';
import { NETWORKS, PLAYER_STATES, wordFinder } from '../contract/words.ts';

const findNetwork = wordFinder<NetworkKind>(NETWORKS);

/** Finds what a player does; UNKNOWN when it says nothing or a word that is not known. */
export const findPlayerState = wordFinder<PlayerState>(PLAYER_STATES);

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
    consent: body.consent === undefined ? null : consent(body.consent),
  };
}

function consent(given: NonNullable<SurroundingsBody['consent']>): Consent {
  return {
    analytics: given.analytics ?? null,
    personalisation: given.personalisation ?? null,
    advertising: given.advertising ?? null,
  };
}
