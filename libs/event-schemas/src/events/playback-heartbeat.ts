import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** START opens a session by admission, BEAT keeps it, STOP is its own end, TERMINATE ends it from elsewhere, EVIDENCE is any other sign of life, UNCHECKED says that the gateway admitted its START by the fail rule because nobody decided in time. */
export type HeartbeatType = 'UNKNOWN' | 'START' | 'BEAT' | 'STOP' | 'TERMINATE' | 'EVIDENCE' | 'UNCHECKED';
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

/** Where the evidence comes from. */
export type EvidenceKind =
  | 'UNKNOWN'
  | 'PLAYER_EVENT'
  | 'PLAYBACK_URL'
  | 'LICENCE'
  | 'LICENCE_RENEWAL'
  | 'MANIFEST'
  | 'CONTENT_KEY'
  | 'SEGMENT';
/** What kind of sign of life an EVIDENCE record is. */
export interface Evidence {
  /** Where the evidence comes from. */
  readonly kind: EvidenceKind;
  /** True when it stands for a playback event, which the session then counts once. */
  readonly countsAsEvent: boolean;
}

/** What the player was doing when it reported. UNKNOWN when it did not say; never to be read as paused. */
export type PlayerState = 'UNKNOWN' | 'STARTING' | 'PLAYING' | 'PAUSED' | 'REBUFFERING' | 'SEEKING' | 'ENDED';
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

/** Whatever opens, keeps or ends a stream. Topic playback.heartbeats, keyed tenant/account, in the order in which it is decided. */
export interface PlaybackHeartbeat {
  /** UUIDv5, the same for every sending of this event; see event-id.ts. */
  readonly eventId: string;
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** What it does to the session. */
  readonly type: HeartbeatType;
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
  /** True when it waited in the disk queue of the gateway, or had been seen for longer than it speaks for a stream: history, never liveness. */
  readonly late: boolean;
  /** Who reported it. */
  readonly source: EventSource;
  /** Native only: count of beats from 0, for native evidence the count of events from 0; 0 for START and STOP; null for CMCD. */
  readonly sequence: number | null;
  /** CMCD only: identity and state of the line. */
  readonly cmcd: CmcdIdentity | null;
  /** EVIDENCE only. */
  readonly evidence: Evidence | null;
  /** Interval at which this source was asked to report; null if unknown. */
  readonly intervalMs: number | null;
  /** How long the stream is taken to live after this record without another; null: the rule for its source. */
  readonly leaseMs: number | null;
  /** End of the ticket that carried it, milliseconds UTC; a verdict on the session is kept as long. */
  readonly ticketExpiresAt: number | null;
  /** What the player was doing. */
  readonly state: PlayerState;
  /** Playhead: milliseconds from the start; for LIVE the programme time in milliseconds UTC; −1 or null unknown. */
  readonly positionMs: number | null;
  /** Playhead at the start of what was played since the last beat. */
  readonly rangeStartMs: number | null;
  /** Length of the content; null for LIVE or unknown. */
  readonly durationMs: number | null;
  /** Speed of the playback, 1 is normal. */
  readonly playbackRate: number | null;
  /** Time spent playing since the last beat. */
  readonly playMs: number | null;
  /** Time spent rebuffering since the last beat. */
  readonly rebufferMs: number | null;
  /** Time spent paused since the last beat. */
  readonly pauseMs: number | null;
  /** Rebufferings that began since the last beat. */
  readonly rebufferCount: number | null;
  /** Bitrate of what is played. */
  readonly bitrateKbps: number | null;
  /** Measured throughput of the network. */
  readonly throughputKbps: number | null;
  /** Media ahead of the playhead. */
  readonly bufferMs: number | null;
  /** Frames dropped since the last beat. */
  readonly droppedFrames: number | null;
  /** Frames shown since the last beat. */
  readonly renderedFrames: number | null;
  /** Distance of the playhead from the live edge. */
  readonly liveLatencyMs: number | null;
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
  /** STOP and TERMINATE: why it ended, as the one who ended it says. */
  readonly endReason: string | null;
  /** TERMINATE: role of the one who ended it: viewer, service or operator. */
  readonly endedBy: string | null;
  /** Model or platform of the device as the tenant names it, such as apple-tv. */
  readonly deviceType: string | null;
  /** Channel of the content. */
  readonly channel: string | null;
  /** Who holds the rights in the content. */
  readonly rightsHolder: string | null;
  /** Package or group of contents that it belongs to. */
  readonly package: string | null;
  /** Territory whose rights apply, as given at admission; null: the country. */
  readonly territory: string | null;
  /** The tenant's opaque id of the place it is watched at, such as a household's network or a postal area; never an address. */
  readonly location: string | null;
  /** True at the account's own home; null unknown. */
  readonly home: boolean | null;
  /** True when advertising pays for it; null unknown. */
  readonly adSupported: boolean | null;
  /** START: holds no slot and no rule refuses it, such as a trailer. */
  readonly exempt: boolean;
  /** START: plays from the device's own storage: history, holds no slot. */
  readonly downloaded: boolean;
  /** START: streams at once that the viewer's token allows; null: it does not say. */
  readonly tokenMaxStreams: number | null;
  /** START: sessions that the viewer chose to end, by termination tokens that were verified. */
  readonly end: readonly string[];
  /** Instance of the gateway that received it: only to compare the clocks of gateways. */
  readonly gateway: string | null;
}

/** The fields of a PlaybackHeartbeat that a writer has to give; the others have a default. */
export type NewPlaybackHeartbeat = Fillable<
  PlaybackHeartbeat,
  'eventId' | 'type' | 'tenant' | 'account' | 'session' | 'receivedTime' | 'eventTime'
>;

/** The Avro schema of PlaybackHeartbeat, as it is registered. */
export const PLAYBACK_HEARTBEAT_SCHEMA: string = readSchema('playback-heartbeat.avsc');

/** Completes a PlaybackHeartbeat with the defaults of its schema. */
export const newPlaybackHeartbeat: (fields: NewPlaybackHeartbeat) => PlaybackHeartbeat =
  recordFactory(PLAYBACK_HEARTBEAT_SCHEMA);
