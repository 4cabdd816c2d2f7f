import { CONTENT_KINDS, DEVICE_CLASSES, MAX_CONFLICTS, MAX_STREAMS } from '@playhead/event-schemas';
import {
  contentId,
  count,
  flag,
  id,
  list,
  object,
  playheadMs,
  ratio,
  sequence,
  spanMs,
  text,
  title,
  word,
} from './field-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';
import { EVENT_TYPES, NETWORKS, PLAYER_STATES } from './words.ts';

/** What both kinds of report may say about the player and the application. */
const surroundings = {
  state: word('What the player is doing.', PLAYER_STATES),
  durationMs: spanMs('Length of the content.'),
  playbackRate: ratio('Speed of the playback; 1 is normal.'),
  bitrateKbps: count('Bitrate of what is played, kbit/s.'),
  throughputKbps: count('Measured throughput of the network, kbit/s.'),
  bufferMs: count('Media ahead of the playhead.'),
  liveLatencyMs: spanMs('Distance of the playhead from the live edge.'),
  network: word('The connection as the player names it.', NETWORKS),
  cdn: text('Name of the CDN that served the media.'),
  appId: text('Application that plays.'),
  appVersion: text('Version of the application.'),
  player: text('Name and version of the player.'),
  anonymousId: text('Id of the visitor before signing in.'),
  appSessionId: text('Session of the application.'),
  consent: object({
    analytics: flag('Use for statistics.'),
    personalisation: flag('Use for recommendations.'),
    advertising: flag('Use for advertising.'),
  }),
};

/** One beat of a player of ours. */
export const heartbeatSchema: JsonSchema = object(
  {
    sequence: sequence("Count of the session's beats from 0; a repeated one is answered and counted once."),
    positionMs: playheadMs('Playhead from the start; for LIVE the programme time in milliseconds UTC; −1 unknown.'),
    sentAt: spanMs("When it was sent, by the client's clock, milliseconds UTC: measures the clock's offset."),
    ...surroundings,
    rangeStartMs: playheadMs('Playhead at the start of what was played since the last beat.'),
    playMs: spanMs('Time spent playing since the last beat.'),
    rebufferMs: spanMs('Time spent rebuffering since the last beat.'),
    pauseMs: spanMs('Time spent paused since the last beat.'),
    rebufferCount: count('Rebufferings that began since the last beat.'),
    droppedFrames: count('Frames dropped since the last beat.'),
    renderedFrames: count('Frames shown since the last beat.'),
  },
  ['sequence', 'state', 'positionMs', 'sentAt'],
);

/** One event of a player of ours. */
export const eventSchema: JsonSchema = object(
  {
    sequence: sequence("Count of the session's events from 0, apart from the beats'."),
    type: word('What happened.', EVENT_TYPES),
    positionMs: playheadMs('Playhead from the start; for LIVE the programme time in milliseconds UTC; −1 unknown.'),
    sentAt: spanMs("When it was sent, by the client's clock, milliseconds UTC."),
    ...surroundings,
    startupMs: spanMs('FIRST_FRAME: start-up time as the player measured it.'),
    fromMs: playheadMs('SEEK: playhead before.'),
    toMs: playheadMs('SEEK: playhead after.'),
    kbps: count('BITRATE: bitrate after.'),
    fromKbps: count('BITRATE: bitrate before.'),
    width: count('BITRATE: pixels after.'),
    height: count('BITRATE: pixels after.'),
    reason: text('BITRATE: why: viewer, adaptation, start.'),
    cause: text('REBUFFER_START: cause as the player names it.'),
    code: { type: ['string', 'integer'], maxLength: 128, description: "ERROR, AD_ERROR: the player's error code." },
    fatal: flag('ERROR: playback ended by it.'),
    category: word('ERROR: a defect, or a rule such as a missing right.', ['TECHNICAL', 'BUSINESS']),
    message: text('ERROR: text of the player; what is beyond 200 characters is cut off.', 2000),
    quartile: count('QUARTILE, AD_QUARTILE: 25, 50, 75 or 100 percent.'),
    rate: ratio('RATE: the new speed.'),
    setting: object({ name: text('PLAYER_SETTING: which.'), value: text('PLAYER_SETTING: new value.') }),
    ad: object({
      breakId: text('Break.'),
      adId: text('Advertisement.'),
      creativeId: text('Creative.'),
      campaignId: text('Campaign.'),
      position: text('Place of the break: preroll, midroll, postroll.'),
      slot: count('Place in the break from 0.'),
      durationMs: spanMs('Length of the advertisement.'),
      revenueMicros: spanMs('Revenue in millionths of the currency unit.'),
      currency: text('ISO 4217 code.', 3),
    }),
    origin: object({
      tileId: text('Tile that was clicked.'),
      rail: text('Row of tiles.'),
      slot: count('Place in the row from 0.'),
      searchId: text('Search that found it.'),
      recommendationId: text('Recommendation that offered it.'),
      campaign: text('Campaign that led here.'),
      autoplay: flag('True when nobody clicked.'),
    }),
  },
  ['sequence', 'type', 'positionMs', 'sentAt'],
);

/** What policies read of a stream, besides its content. */
export const streamAttributes = {
  deviceClass: word('Class of the device.', DEVICE_CLASSES),
  deviceType: id('Model or platform of the device, such as apple-tv.'),
  channel: id('Channel of the content.'),
  rightsHolder: id('Who holds the rights in the content.'),
  package: id('Package that the content belongs to.'),
  territory: id('Territory whose rights apply.'),
  location: id('Opaque id of the place it is watched at; never an address.'),
  home: flag("Whether that is the account's home."),
  adSupported: flag('Whether advertising pays for it.'),
  appId: id('Application that plays.'),
};

/** What only a back end is believed. */
export const exempt = flag('Role service: the content holds no slot, such as a trailer.');

/** What a player asks before it plays. */
export const playbackSessionSchema: JsonSchema = object(
  {
    contentId: contentId("The tenant's opaque content id."),
    kind: word('What is watched: a channel now, a title on demand, a past programme.', CONTENT_KINDS),
    title: title('Title to show.', 500),
    ...streamAttributes,
    terminationTokens: list(
      'Of a refusal that let the viewer choose: the streams to end.',
      { type: 'string', maxLength: 4096 },
      MAX_CONFLICTS,
    ),
    account: id('Role service: whose stream it is.'),
    profile: id('Role service: the profile.'),
    device: id('Role service: the device.'),
    exempt,
    downloaded: flag("Role service: plays from the device's own storage; holds no slot."),
    maxStreams: {
      ...count(
        'Role service: streams at once that the viewer\'s right allows; it counts where a rule\'s max is {"from": "token"}.',
      ),
      maximum: MAX_STREAMS,
    },
  },
  ['contentId', 'kind'],
);

/** What an account may watch at once. */
export const entitlementSchema: JsonSchema = object(
  { plan: id('Name of the plan.'), maxStreams: { ...count('Streams at once.'), maximum: MAX_STREAMS } },
  ['plan', 'maxStreams'],
);
