import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** What happened. The last group exists in CMCD reports only. */
export type PlaybackEventType =
  | 'UNKNOWN'
  | 'PLAY'
  | 'FIRST_FRAME'
  | 'START_FAILED'
  | 'PAUSE'
  | 'RESUME'
  | 'SEEK'
  | 'REBUFFER_START'
  | 'REBUFFER_END'
  | 'BITRATE'
  | 'ERROR'
  | 'QUARTILE'
  | 'RATE'
  | 'CONTENT_CHANGE'
  | 'PLAYER_SETTING'
  | 'AD_OPPORTUNITY'
  | 'AD_BREAK_START'
  | 'AD_BREAK_END'
  | 'AD_REQUEST'
  | 'AD_IMPRESSION'
  | 'AD_START'
  | 'AD_QUARTILE'
  | 'AD_COMPLETE'
  | 'AD_SKIP'
  | 'AD_CLICK'
  | 'AD_ERROR'
  | 'STATE_CHANGE'
  | 'BACKGROUND'
  | 'MUTE'
  | 'UNMUTE'
  | 'EXPAND'
  | 'COLLAPSE'
  | 'HOSTNAME'
  | 'RESPONSE'
  | 'CUSTOM';

/** The class of device, from the ticket. */
export type DeviceClass = 'UNKNOWN' | 'MOBILE' | 'TABLET' | 'DESKTOP' | 'TV' | 'SET_TOP_BOX' | 'CONSOLE';

/** What is watched: a channel now, a title on demand, or a past programme of a channel. */
export type ContentKind = 'UNKNOWN' | 'LIVE' | 'VOD' | 'CATCHUP';

/** Who reported it. */
export type EventSource = 'UNKNOWN' | 'NATIVE' | 'CMCD' | 'SERVICE' | 'OPERATOR';

/** What tells one line of a CMCD v2 event report from every other; a resent line has the same four values. */
export interface CmcdIdentity {
  /** The player's session id, key sid; null where the player sends none. */
  readonly sid: string | null;
  /** Sequence number, key sn: starts again at 0 within one sid, so never an identity alone. */
  readonly sn: number | null;
  /** Time of the event by the client, key ts, milliseconds since the epoch. */
  readonly ts: number | null;
  /** Event token, key e: t for the interval, ps, e, … */
  readonly event: string | null;
  /** Player state token, key sta: s p k r a w d; e, f and q are final. Null where the player sends none. */
  readonly state: string | null;
}

/** What the player was doing when it reported. UNKNOWN when it did not say; never to be read as paused. */
export type PlayerState = 'UNKNOWN' | 'STARTING' | 'PLAYING' | 'PAUSED' | 'REBUFFERING' | 'SEEKING' | 'ENDED';

/** What the viewer came from: the tile that was clicked and why it was shown. */
export interface PlayOrigin {
  /** Tile. */
  readonly tileId: string | null;
  /** Row of tiles. */
  readonly rail: string | null;
  /** Place in the row from 0. */
  readonly slot: number | null;
  /** Search that found it. */
  readonly searchId: string | null;
  /** Recommendation that offered it. */
  readonly recommendationId: string | null;
  /** Campaign that led here. */
  readonly campaign: string | null;
  /** True when nobody clicked. */
  readonly autoplay: boolean | null;
}

/** A jump of the playhead. */
export interface Seek {
  /** Playhead before. */
  readonly fromMs: number | null;
  /** Playhead after. */
  readonly toMs: number | null;
}

/** A change of the picture. */
export interface Rendition {
  /** Bitrate before. */
  readonly fromKbps: number | null;
  /** Bitrate after. */
  readonly toKbps: number | null;
  /** Width in pixels after. */
  readonly width: number | null;
  /** Height in pixels after. */
  readonly height: number | null;
  /** Why: viewer, adaptation, start. */
  readonly reason: string | null;
}

/** Whose error: a defect, or a rule such as a missing right. */
export type ErrorCategory = 'UNKNOWN' | 'TECHNICAL' | 'BUSINESS';

/** What went wrong. */
export interface PlaybackError {
  /** The player's error code. */
  readonly code: string | null;
  /** True when playback ended by it. */
  readonly fatal: boolean | null;
  /** Whose error. */
  readonly category: ErrorCategory;
  /** Text of the player, at most 200 characters. */
  readonly message: string | null;
}

/** An advertisement or a break of several. */
export interface Ad {
  /** Break. */
  readonly breakId: string | null;
  /** Advertisement. */
  readonly adId: string | null;
  /** Creative. */
  readonly creativeId: string | null;
  /** Campaign. */
  readonly campaignId: string | null;
  /** Place of the break: preroll, midroll, postroll. */
  readonly position: string | null;
  /** Place of the advertisement in the break from 0. */
  readonly slot: number | null;
  /** Length of the advertisement. */
  readonly durationMs: number | null;
  /** Revenue in millionths of the currency unit. */
  readonly revenueMicros: number | null;
  /** ISO 4217 code. */
  readonly currency: string | null;
}

/** A change of a player setting by the viewer. */
export interface PlayerSetting {
  /** Setting, such as subtitles, audio, fullscreen. */
  readonly name: string | null;
  /** New value. */
  readonly value: string | null;
}

/** The answer to a request for media (CMCD rr). */
export interface MediaResponse {
  /** Host that answered, never the whole address. */
  readonly host: string | null;
  /** HTTP status. */
  readonly status: number | null;
  /** What was asked for (CMCD ot). */
  readonly objectType: string | null;
  /** Time to the first byte. */
  readonly firstByteMs: number | null;
  /** Time to the last byte. */
  readonly lastByteMs: number | null;
}

/** The connection as the player names it. */
export type NetworkKind = 'UNKNOWN' | 'WIFI' | 'CELLULAR' | 'WIRED' | 'OTHER';

/** What the viewer agreed to; null is not asked. */
export interface Consent {
  /** Use for statistics. */
  readonly analytics: boolean | null;
  /** Use for recommendations. */
  readonly personalisation: boolean | null;
  /** Use for advertising. */
  readonly advertising: boolean | null;
}

/** What happened in a playback besides its beats. Topic playback.events, keyed tenant/account. */
export interface PlaybackEvent {
  /** UUIDv5, the same for every sending of this event; see event-id.ts. */
  readonly eventId: string;
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** What happened. */
  readonly type: PlaybackEventType;
  /** Tenant, from the ticket or token. */
  readonly tenant: string;
  /** The tenant's opaque account id, from the ticket or token. */
  readonly account: string;
  /** Playback session, minted by the gateway at admission. */
  readonly session: string;
  /** The tenant's opaque profile id, from the ticket. */
  readonly profile: string | null;
  /** The tenant's opaque device id, from the ticket. */
  readonly device: string | null;
  /** Class of the device, from the ticket. */
  readonly deviceClass: DeviceClass;
  /** Content id, from the ticket. */
  readonly content: string | null;
  /** Kind of the content, from the ticket. */
  readonly kind: ContentKind;
  /** Title to show for the content, as given at admission. */
  readonly title: string | null;
  /** When the gateway first received it, milliseconds UTC: the record timestamp, and the only time that liveness uses. */
  readonly receivedTime: number;
  /** When it happened: the client time corrected by the measured clock offset, else the received time; milliseconds UTC. */
  readonly eventTime: number;
  /** When it happened by the clock of the client, uncorrected, milliseconds UTC. */
  readonly clientTime: number | null;
  /** Measured offset of the client clock, added to clientTime to get eventTime. */
  readonly clockOffsetMs: number | null;
  /** True when it waited in the disk queue of the gateway: history, never liveness. */
  readonly late: boolean;
  /** Who reported it. */
  readonly source: EventSource;
  /** Native only: count of events of the session from 0; null for CMCD. */
  readonly sequence: number | null;
  /** CMCD only: identity and state of the line. */
  readonly cmcd: CmcdIdentity | null;
  /** What the player was doing, after the event. */
  readonly state: PlayerState;
  /** Playhead: milliseconds from the start; for LIVE the programme time in milliseconds UTC; −1 or null unknown. */
  readonly positionMs: number | null;
  /** Length of the content; null for LIVE or unknown. */
  readonly durationMs: number | null;
  /** Speed of the playback, 1 is normal; for RATE the new one. */
  readonly playbackRate: number | null;
  /** Bitrate of what is played. */
  readonly bitrateKbps: number | null;
  /** Measured throughput of the network. */
  readonly throughputKbps: number | null;
  /** Media ahead of the playhead. */
  readonly bufferMs: number | null;
  /** Start-up time as the player measured it (CMCD msd). */
  readonly startupMs: number | null;
  /** Distance of the playhead from the live edge. */
  readonly liveLatencyMs: number | null;
  /** Rebuffering since the start of the session, absolute (CMCD bsda). */
  readonly rebufferTotalMs: number | null;
  /** Rebufferings since the start of the session, absolute (CMCD bsa). */
  readonly rebufferTotalCount: number | null;
  /** Frames dropped since the start of the session, absolute (CMCD dfa). */
  readonly droppedFramesTotal: number | null;
  /** PLAY only. */
  readonly origin: PlayOrigin | null;
  /** SEEK only. */
  readonly seek: Seek | null;
  /** BITRATE only. */
  readonly rendition: Rendition | null;
  /** ERROR, START_FAILED and AD_ERROR only. */
  readonly error: PlaybackError | null;
  /** QUARTILE and AD_QUARTILE: 25, 50, 75 or 100 percent. */
  readonly quartile: number | null;
  /** REBUFFER_START: cause as the player names it. */
  readonly rebufferCause: string | null;
  /** AD_… only. */
  readonly ad: Ad | null;
  /** PLAYER_SETTING and CUSTOM only. */
  readonly setting: PlayerSetting | null;
  /** RESPONSE only. */
  readonly response: MediaResponse | null;
  /** ISO 3166-1 alpha-2 code, resolved at the gateway. */
  readonly country: string | null;
  /** ISO 3166-2 subdivision code, resolved at the gateway. */
  readonly region: string | null;
  /** Autonomous system number of the network, resolved at the gateway. */
  readonly asn: number | null;
  /** Connection of the device. */
  readonly network: NetworkKind;
  /** Name of the CDN that served the media. */
  readonly cdn: string | null;
  /** Application that plays. */
  readonly appId: string | null;
  /** Version of the application. */
  readonly appVersion: string | null;
  /** Name and version of the player. */
  readonly player: string | null;
  /** Name and version of the operating system, as the application says. */
  readonly os: string | null;
  /** Id of the visitor before signing in, where the tenant has one. */
  readonly anonymousId: string | null;
  /** Session of the application, from its start to its end. */
  readonly appSessionId: string | null;
  /** Consent in force when it was reported. */
  readonly consent: Consent | null;
}

/** The fields of a PlaybackEvent that a writer has to give; the others have a default. */
export type NewPlaybackEvent = Fillable<
  PlaybackEvent,
  'eventId' | 'type' | 'tenant' | 'account' | 'session' | 'receivedTime' | 'eventTime'
>;

/** The Avro schema of PlaybackEvent, as it is registered. */
export const PLAYBACK_EVENT_SCHEMA: string = readSchema('playback-event.avsc');

/** Completes a PlaybackEvent with the defaults of its schema. */
export const newPlaybackEvent: (fields: NewPlaybackEvent) => PlaybackEvent = recordFactory(PLAYBACK_EVENT_SCHEMA);
