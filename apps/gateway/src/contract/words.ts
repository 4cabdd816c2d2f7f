import { words } from '@playhead/event-schemas';
import type { NetworkKind, PlaybackEventType, PlayerState } from '@playhead/event-schemas';

/** What a player can be doing. */
export const PLAYER_STATES = words<PlayerState>({
  STARTING: true,
  PLAYING: true,
  PAUSED: true,
  REBUFFERING: true,
  SEEKING: true,
  ENDED: true,
});

/** How a device can be connected. */
export const NETWORKS = words<NetworkKind>({ WIFI: true, CELLULAR: true, WIRED: true, OTHER: true });

/** What can happen in a playback. */
export const EVENT_TYPES = words<PlaybackEventType>({
  PLAY: true,
  FIRST_FRAME: true,
  START_FAILED: true,
  PAUSE: true,
  RESUME: true,
  SEEK: true,
  REBUFFER_START: true,
  REBUFFER_END: true,
  BITRATE: true,
  ERROR: true,
  QUARTILE: true,
  RATE: true,
  CONTENT_CHANGE: true,
  PLAYER_SETTING: true,
  AD_OPPORTUNITY: true,
  AD_BREAK_START: true,
  AD_BREAK_END: true,
  AD_REQUEST: true,
  AD_IMPRESSION: true,
  AD_START: true,
  AD_QUARTILE: true,
  AD_COMPLETE: true,
  AD_SKIP: true,
  AD_CLICK: true,
  AD_ERROR: true,
  STATE_CHANGE: true,
  BACKGROUND: true,
  MUTE: true,
  UNMUTE: true,
  EXPAND: true,
  COLLAPSE: true,
  HOSTNAME: true,
  RESPONSE: true,
  CUSTOM: true,
});

/** Finds a word that may be missing or not (yet) known. */
export function wordFinder<W extends string>(known: readonly W[]): (given: string | undefined) => W | 'UNKNOWN' {
  const all = new Map<string, W>(known.map((word) => [word, word]));
  return (given) => (given === undefined ? 'UNKNOWN' : (all.get(given) ?? 'UNKNOWN'));
}
