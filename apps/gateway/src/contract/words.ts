import type { ContentKind, DeviceClass, NetworkKind, PlaybackEventType, PlayerState } from '@playhead/event-schemas';

/** A list of all words of a type but UNKNOWN; a word that is missing or too much does not compile. */
function words<W extends string>(all: Readonly<Record<Exclude<W, 'UNKNOWN'>, true>>): readonly W[] {
  return Object.keys(all) as W[];
}

/** What a player can be doing. */
export const PLAYER_STATES = words<PlayerState>({
  STARTING: true,
  PLAYING: true,
  PAUSED: true,
  REBUFFERING: true,
  SEEKING: true,
  ENDED: true,
});

/** What can be watched. */
export const CONTENT_KINDS = words<ContentKind>({ LIVE: true, VOD: true, CATCHUP: true });

/** What class a device can have. */
export const DEVICE_CLASSES = words<DeviceClass>({
  MOBILE: true,
  TABLET: true,
  DESKTOP: true,
  TV: true,
  SET_TOP_BOX: true,
  CONSOLE: true,
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
