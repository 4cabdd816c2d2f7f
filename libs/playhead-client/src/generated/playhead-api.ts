// Generated from the gateway's OpenAPI document by `npm run generate:client`. Not written by hand.
import type { ApiAnswer, ApiRequest, Transport } from '../transport.ts';

/** Heartbeat. */
export type Heartbeat = {
  /** Count of the session's beats from 0; a repeated one is answered and counted once. */
  readonly sequence: number;
  /** Playhead from the start; for LIVE the programme time in milliseconds UTC; −1 unknown. */
  readonly positionMs: number;
  /** When it was sent, by the client's clock, milliseconds UTC: measures the clock's offset. */
  readonly sentAt: number;
  /** What the player is doing. One of STARTING, PLAYING, PAUSED, REBUFFERING, SEEKING, ENDED; any other is taken as UNKNOWN. */
  readonly state: string;
  /** Length of the content. */
  readonly durationMs?: number;
  /** Speed of the playback; 1 is normal. */
  readonly playbackRate?: number;
  /** Bitrate of what is played, kbit/s. */
  readonly bitrateKbps?: number;
  /** Measured throughput of the network, kbit/s. */
  readonly throughputKbps?: number;
  /** Media ahead of the playhead. */
  readonly bufferMs?: number;
  /** Distance of the playhead from the live edge. */
  readonly liveLatencyMs?: number;
  /** The connection as the player names it. One of WIFI, CELLULAR, WIRED, OTHER; any other is taken as UNKNOWN. */
  readonly network?: string;
  /** Name of the CDN that served the media. */
  readonly cdn?: string;
  /** Application that plays. */
  readonly appId?: string;
  /** Version of the application. */
  readonly appVersion?: string;
  /** Name and version of the player. */
  readonly player?: string;
  /** Id of the visitor before signing in. */
  readonly anonymousId?: string;
  /** Session of the application. */
  readonly appSessionId?: string;
  readonly consent?: {
    /** Use for statistics. */
    readonly analytics?: boolean;
    /** Use for recommendations. */
    readonly personalisation?: boolean;
    /** Use for advertising. */
    readonly advertising?: boolean;
  };
  /** Playhead at the start of what was played since the last beat. */
  readonly rangeStartMs?: number;
  /** Time spent playing since the last beat. */
  readonly playMs?: number;
  /** Time spent rebuffering since the last beat. */
  readonly rebufferMs?: number;
  /** Time spent paused since the last beat. */
  readonly pauseMs?: number;
  /** Rebufferings that began since the last beat. */
  readonly rebufferCount?: number;
  /** Frames dropped since the last beat. */
  readonly droppedFrames?: number;
  /** Frames shown since the last beat. */
  readonly renderedFrames?: number;
};

/** Event. */
export type Event = {
  /** Count of the session's events from 0, apart from the beats'. */
  readonly sequence: number;
  /** What happened. One of PLAY, FIRST_FRAME, START_FAILED, PAUSE, RESUME, SEEK, REBUFFER_START, REBUFFER_END, BITRATE, ERROR, QUARTILE, RATE, CONTENT_CHANGE, PLAYER_SETTING, AD_OPPORTUNITY, AD_BREAK_START, AD_BREAK_END, AD_REQUEST, AD_IMPRESSION, AD_START, AD_QUARTILE, AD_COMPLETE, AD_SKIP, AD_CLICK, AD_ERROR, STATE_CHANGE, BACKGROUND, MUTE, UNMUTE, EXPAND, COLLAPSE, HOSTNAME, RESPONSE, CUSTOM; any other is taken as UNKNOWN. */
  readonly type: string;
  /** Playhead from the start; for LIVE the programme time in milliseconds UTC; −1 unknown. */
  readonly positionMs: number;
  /** When it was sent, by the client's clock, milliseconds UTC. */
  readonly sentAt: number;
  /** What the player is doing. One of STARTING, PLAYING, PAUSED, REBUFFERING, SEEKING, ENDED; any other is taken as UNKNOWN. */
  readonly state?: string;
  /** Length of the content. */
  readonly durationMs?: number;
  /** Speed of the playback; 1 is normal. */
  readonly playbackRate?: number;
  /** Bitrate of what is played, kbit/s. */
  readonly bitrateKbps?: number;
  /** Measured throughput of the network, kbit/s. */
  readonly throughputKbps?: number;
  /** Media ahead of the playhead. */
  readonly bufferMs?: number;
  /** Distance of the playhead from the live edge. */
  readonly liveLatencyMs?: number;
  /** The connection as the player names it. One of WIFI, CELLULAR, WIRED, OTHER; any other is taken as UNKNOWN. */
  readonly network?: string;
  /** Name of the CDN that served the media. */
  readonly cdn?: string;
  /** Application that plays. */
  readonly appId?: string;
  /** Version of the application. */
  readonly appVersion?: string;
  /** Name and version of the player. */
  readonly player?: string;
  /** Id of the visitor before signing in. */
  readonly anonymousId?: string;
  /** Session of the application. */
  readonly appSessionId?: string;
  readonly consent?: {
    /** Use for statistics. */
    readonly analytics?: boolean;
    /** Use for recommendations. */
    readonly personalisation?: boolean;
    /** Use for advertising. */
    readonly advertising?: boolean;
  };
  /** FIRST_FRAME: start-up time as the player measured it. */
  readonly startupMs?: number;
  /** SEEK: playhead before. */
  readonly fromMs?: number;
  /** SEEK: playhead after. */
  readonly toMs?: number;
  /** BITRATE: bitrate after. */
  readonly kbps?: number;
  /** BITRATE: bitrate before. */
  readonly fromKbps?: number;
  /** BITRATE: pixels after. */
  readonly width?: number;
  /** BITRATE: pixels after. */
  readonly height?: number;
  /** BITRATE: why: viewer, adaptation, start. */
  readonly reason?: string;
  /** REBUFFER_START: cause as the player names it. */
  readonly cause?: string;
  /** ERROR, AD_ERROR: the player's error code. */
  readonly code?: string | number;
  /** ERROR: playback ended by it. */
  readonly fatal?: boolean;
  /** ERROR: a defect, or a rule such as a missing right. One of TECHNICAL, BUSINESS; any other is taken as UNKNOWN. */
  readonly category?: string;
  /** ERROR: text of the player; what is beyond 200 characters is cut off. */
  readonly message?: string;
  /** QUARTILE, AD_QUARTILE: 25, 50, 75 or 100 percent. */
  readonly quartile?: number;
  /** RATE: the new speed. */
  readonly rate?: number;
  readonly setting?: {
    /** PLAYER_SETTING: which. */
    readonly name?: string;
    /** PLAYER_SETTING: new value. */
    readonly value?: string;
  };
  readonly ad?: {
    /** Break. */
    readonly breakId?: string;
    /** Advertisement. */
    readonly adId?: string;
    /** Creative. */
    readonly creativeId?: string;
    /** Campaign. */
    readonly campaignId?: string;
    /** Place of the break: preroll, midroll, postroll. */
    readonly position?: string;
    /** Place in the break from 0. */
    readonly slot?: number;
    /** Length of the advertisement. */
    readonly durationMs?: number;
    /** Revenue in millionths of the currency unit. */
    readonly revenueMicros?: number;
    /** ISO 4217 code. */
    readonly currency?: string;
  };
  readonly origin?: {
    /** Tile that was clicked. */
    readonly tileId?: string;
    /** Row of tiles. */
    readonly rail?: string;
    /** Place in the row from 0. */
    readonly slot?: number;
    /** Search that found it. */
    readonly searchId?: string;
    /** Recommendation that offered it. */
    readonly recommendationId?: string;
    /** Campaign that led here. */
    readonly campaign?: string;
    /** True when nobody clicked. */
    readonly autoplay?: boolean;
  };
};

/** PlaybackSession. */
export type PlaybackSession = {
  /** The tenant's opaque content id. */
  readonly contentId: string;
  /** What is watched: a channel now, a title on demand, a past programme. One of LIVE, VOD, CATCHUP; any other is taken as UNKNOWN. */
  readonly kind: string;
  /** Title to show. */
  readonly title?: string;
  /** Class of the device. One of MOBILE, TABLET, DESKTOP, TV, SET_TOP_BOX, CONSOLE; any other is taken as UNKNOWN. */
  readonly deviceClass?: string;
  /** Model or platform of the device, such as apple-tv. */
  readonly deviceType?: string;
  /** Channel of the content. */
  readonly channel?: string;
  /** Who holds the rights in the content. */
  readonly rightsHolder?: string;
  /** Package that the content belongs to. */
  readonly package?: string;
  /** Territory whose rights apply. */
  readonly territory?: string;
  /** Opaque id of the place it is watched at; never an address. */
  readonly location?: string;
  /** Whether that is the account's home. */
  readonly home?: boolean;
  /** Whether advertising pays for it. */
  readonly adSupported?: boolean;
  /** Application that plays. */
  readonly appId?: string;
  /** Of a refusal that let the viewer choose: the streams to end. */
  readonly terminationTokens?: readonly string[];
  /** Role service: whose stream it is. */
  readonly account?: string;
  /** Role service: the profile. */
  readonly profile?: string;
  /** Role service: the device. */
  readonly device?: string;
  /** Role service: the content holds no slot, such as a trailer. */
  readonly exempt?: boolean;
  /** Role service: plays from the device's own storage; holds no slot. */
  readonly downloaded?: boolean;
  /** Role service: streams at once that the viewer's right allows; it counts where a rule's max is {"from": "token"}. */
  readonly maxStreams?: number;
};

/** Entitlement. */
export type Entitlement = {
  /** Name of the plan. */
  readonly plan: string;
  /** Streams at once. */
  readonly maxStreams: number;
};

/** Evidence. */
export type Evidence = {
  /** Whose stream it is. */
  readonly account: string;
  /** Session, as admission or the playback URL named it. */
  readonly session: string;
  /** What was seen; each kind speaks for the stream for a while of its own. */
  readonly kind: 'playback-url' | 'licence' | 'licence-renewal' | 'manifest' | 'content-key' | 'cdn-log';
  /** Tells it from other evidence of its session and kind, such as a request id; one sent twice counts once. */
  readonly id: string;
  /** When it was seen, milliseconds UTC; without it now. */
  readonly observedAt?: number;
  /** How long it speaks for the stream, milliseconds; without it as its kind says. */
  readonly ttlMs?: number;
  /** Content. */
  readonly contentId?: string;
  /** Kind of the content. One of LIVE, VOD, CATCHUP; any other is taken as UNKNOWN. */
  readonly contentKind?: string;
  /** Title to show. */
  readonly title?: string;
  /** Profile. */
  readonly profile?: string;
  /** Device. */
  readonly device?: string;
  /** Class of the device. One of MOBILE, TABLET, DESKTOP, TV, SET_TOP_BOX, CONSOLE; any other is taken as UNKNOWN. */
  readonly deviceClass?: string;
  /** Model or platform of the device, such as apple-tv. */
  readonly deviceType?: string;
  /** Channel of the content. */
  readonly channel?: string;
  /** Who holds the rights in the content. */
  readonly rightsHolder?: string;
  /** Package that the content belongs to. */
  readonly package?: string;
  /** Territory whose rights apply. */
  readonly territory?: string;
  /** Opaque id of the place it is watched at; never an address. */
  readonly location?: string;
  /** Whether that is the account's home. */
  readonly home?: boolean;
  /** Whether advertising pays for it. */
  readonly adSupported?: boolean;
  /** Application that plays. */
  readonly appId?: string;
  /** Role service: the content holds no slot, such as a trailer. */
  readonly exempt?: boolean;
};

/** Lookup. */
export type Lookup = {
  /** The sessions. */
  readonly sessions: readonly {
    /** Account; a viewer may leave out the own one. */
    readonly account?: string;
    /** Session. */
    readonly session: string;
  }[];
};

/** DryRun. */
export type DryRun = {
  /** Title to show. */
  readonly title?: string;
  /** Class of the device. One of MOBILE, TABLET, DESKTOP, TV, SET_TOP_BOX, CONSOLE; any other is taken as UNKNOWN. */
  readonly deviceClass?: string;
  /** Model or platform of the device, such as apple-tv. */
  readonly deviceType?: string;
  /** Channel of the content. */
  readonly channel?: string;
  /** Who holds the rights in the content. */
  readonly rightsHolder?: string;
  /** Package that the content belongs to. */
  readonly package?: string;
  /** Territory whose rights apply. */
  readonly territory?: string;
  /** Opaque id of the place it is watched at; never an address. */
  readonly location?: string;
  /** Whether that is the account's home. */
  readonly home?: boolean;
  /** Whether advertising pays for it. */
  readonly adSupported?: boolean;
  /** Application that plays. */
  readonly appId?: string;
  /** Role service: the profile. */
  readonly profile?: string;
  /** Role service: the device. */
  readonly device?: string;
  /** Role service: the content holds no slot, such as a trailer. */
  readonly exempt?: boolean;
  /** Role service: plays from the device's own storage; holds no slot. */
  readonly downloaded?: boolean;
  /** Role service: streams at once that the viewer's right allows; it counts where a rule's max is {"from": "token"}. */
  readonly maxStreams?: number;
  /** The tenant's opaque content id. */
  readonly contentId?: string;
  /** What is watched. One of LIVE, VOD, CATCHUP; any other is taken as UNKNOWN. */
  readonly kind?: string;
  /** Sessions that would be ended. */
  readonly end?: readonly string[];
};

/** A concurrency policy: all rules of all policies of the tenant must allow a start. */
export type Policy = {
  /** Id of the policy within the tenant. */
  readonly policy: string;
  readonly description?: string;
  /** shadow is evaluated, counted and decides nothing. Default enforce. */
  readonly mode?: 'enforce' | 'shadow' | 'off';
  /** What holds for its starts while nobody decides in time. Default: the tenant's fail rule. */
  readonly onUnavailable?: 'allow' | 'deny';
  readonly rules: readonly {
    /** Id of the rule within the policy. */
    readonly rule: string;
    /** The starts it is asked about and the streams that it counts; absent: all. A value is one of those listed; a flag is "true" or "false". */
    readonly where?: {
      readonly profile?: readonly string[];
      readonly plan?: readonly string[];
      readonly device?: readonly string[];
      readonly deviceClass?: readonly ('MOBILE' | 'TABLET' | 'DESKTOP' | 'TV' | 'SET_TOP_BOX' | 'CONSOLE')[];
      readonly deviceType?: readonly string[];
      readonly content?: readonly string[];
      readonly kind?: readonly ('LIVE' | 'VOD' | 'CATCHUP')[];
      readonly channel?: readonly string[];
      readonly rightsHolder?: readonly string[];
      readonly package?: readonly string[];
      readonly territory?: readonly string[];
      readonly location?: readonly string[];
      readonly home?: readonly ('true' | 'false')[];
      readonly adSupported?: readonly ('true' | 'false')[];
      readonly app?: readonly string[];
      readonly not?: {
        readonly profile?: readonly string[];
        readonly plan?: readonly string[];
        readonly device?: readonly string[];
        readonly deviceClass?: readonly ('MOBILE' | 'TABLET' | 'DESKTOP' | 'TV' | 'SET_TOP_BOX' | 'CONSOLE')[];
        readonly deviceType?: readonly string[];
        readonly content?: readonly string[];
        readonly kind?: readonly ('LIVE' | 'VOD' | 'CATCHUP')[];
        readonly channel?: readonly string[];
        readonly rightsHolder?: readonly string[];
        readonly package?: readonly string[];
        readonly territory?: readonly string[];
        readonly location?: readonly string[];
        readonly home?: readonly ('true' | 'false')[];
        readonly adSupported?: readonly ('true' | 'false')[];
        readonly app?: readonly string[];
      };
    };
    /** What is counted: streams, or the distinct values of an attribute. Default streams. */
    readonly count?:
      | 'streams'
      | 'profile'
      | 'plan'
      | 'device'
      | 'deviceClass'
      | 'deviceType'
      | 'content'
      | 'kind'
      | 'channel'
      | 'rightsHolder'
      | 'package'
      | 'territory'
      | 'location'
      | 'home'
      | 'adSupported'
      | 'app';
    /** Counts apart for each combination of their values. Default: together for the account. */
    readonly per?: readonly (
      | 'profile'
      | 'plan'
      | 'device'
      | 'deviceClass'
      | 'deviceType'
      | 'content'
      | 'kind'
      | 'channel'
      | 'rightsHolder'
      | 'package'
      | 'territory'
      | 'location'
      | 'home'
      | 'adSupported'
      | 'app'
    )[];
    /** How many are allowed. */
    readonly max:
      | number
      | { readonly from: 'entitlement' | 'token'; readonly otherwise?: number }
      | { readonly plans: Readonly<Record<string, number>>; readonly otherwise?: number };
    /** What happens to a start over the limit. Default block-new. */
    readonly strategy?: 'block-new' | 'ask' | 'end-oldest' | 'end-least-recent' | 'end-paused-first';
    /** Whether a start ends older streams of its device. Default replace. */
    readonly sameDevice?: 'replace' | 'keep';
    /** What a paused stream is: one that counts (default), one that does not, or one that does not after a while. */
    readonly paused?:
      | 'count'
      | 'free'
      | {
          /** Paused so long, milliseconds. */
          readonly freeAfterMs: number;
        };
    /** Before this, whichever is first, a stream is not counted and not refused; then it is judged. A beat that does not come counts after 60 s. */
    readonly warmUp?: {
      /** Life of the stream, milliseconds. */
      readonly ms?: number;
      /** Beats of the stream. */
      readonly beats?: number;
    };
    /** So many over the limit are admitted for a while. */
    readonly grace?: {
      readonly streams: number;
      /** How long, milliseconds. */
      readonly forMs: number;
    };
    /** With count of an attribute: how long a value counts after its last start, milliseconds. */
    readonly keepMs?: number;
    /** What a start is that lacks an attribute of per or count. Default count. */
    readonly missing?: 'refuse' | 'skip' | 'count';
    /** Whether exempt content holds a slot of this rule. Default free. */
    readonly exempt?: 'free' | 'count';
  }[];
};

/** TenantSettings. */
export type TenantSettings = {
  /** enforce: policies decide. shadow: they only count, everything is admitted, and a start ends no older stream of its device. Absent: enforce. */
  readonly enforcement?: 'enforce' | 'shadow';
  /** What holds for a start that nobody decided on in time. Absent: as the installation says. */
  readonly failRule?: 'allow' | 'deny';
  /** Life of the ticket of a stream that was admitted unchecked. Absent: as the installation says. */
  readonly uncheckedLeaseMs?: number;
  /** Interval of native beats. Absent: as the installation says. */
  readonly heartbeatIntervalMs?: number;
  /** Added to the interval for the lease. Absent: as the installation says. */
  readonly heartbeatGraceMs?: number;
  /** Beats that a player may miss before it stops. Absent: as the installation says. */
  readonly heartbeatMaxMissed?: number;
  /** Where the enforcement service tells of streams to revoke: http or https, without a name or password. */
  readonly webhookUrl?: string;
  /** Key that signs those requests, by its name among the keys of the enforcement service. */
  readonly webhookKeyId?: string;
  /** Whether conflicts may name titles and profiles. Absent: false. */
  readonly showTitles?: boolean;
};

/** VerdictAnswer. */
export type VerdictAnswer = {
  /** May the stream go on. "stop" is final. */
  readonly verdict: 'continue' | 'warn' | 'stop';
  /** Why it is not continue. */
  readonly reason?: string;
  /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
  readonly endedBy?: string;
  /** When the next beat is expected. */
  readonly nextBeatInMs: number;
  /** The gateway's time, milliseconds UTC. */
  readonly serverTime: number;
  /** A new ticket to use from now on. */
  readonly ticket?: string;
};

/** PlaybackSessionAnswer. */
export type PlaybackSessionAnswer = {
  /** Session. */
  readonly sessionId: string;
  /** Goes with every report and the stop of this session. A secret. */
  readonly ticket: string;
  /** The stream may start. */
  readonly decision: 'allow';
  /** False when the guard did not answer and the rule of the tenant let the stream start. */
  readonly checked: boolean;
  readonly heartbeat: {
    /** How often to beat. */
    readonly intervalMs: number;
    /** How late a beat may be. */
    readonly graceMs: number;
    /** Beats that may fail before the player should stop. */
    readonly maxMissed: number;
  };
  readonly usage: {
    /** Streams that hold a slot; null when unchecked. */
    readonly current: number | null;
    /** Streams allowed; null when unchecked, or when nothing limits the stream, such as exempt content. */
    readonly max: number | null;
  };
  /** Where a CMCD reporter posts; a path unless GATEWAY_PUBLIC_URL is set. */
  readonly cmcdUrl: string;
  /** The gateway's time, milliseconds UTC. */
  readonly serverTime: number;
};

/** DenyProblem. */
export type DenyProblem = {
  /** `/problems/<code>`. */
  readonly type: string;
  /** For people. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong with this request. */
  readonly detail?: string;
  /** Every field that is wrong, up to 20. */
  readonly errors?: readonly {
    /** JSON pointer into the body, `?name` for a query parameter, `{name}` for one in the path. */
    readonly pointer: string;
    /** For programs: required, type, minimum, … */
    readonly code: string;
    /** For people. */
    readonly detail: string;
  }[];
  /** The stream may not start. */
  readonly decision: 'deny';
  /** Why, for programs. */
  readonly reason?: string;
  /** Policy that refused. */
  readonly policy?: string;
  /** Its rule. */
  readonly rule?: string;
  /** What the viewer can do: try again later; or choose streams to end (`terminate`). Nothing where no stream that ends would make room. */
  readonly actions?: readonly ('retry' | 'terminate')[];
  readonly usage: {
    /** Streams that hold a slot. */
    readonly current: number;
    /** Streams allowed. */
    readonly max: number;
  };
  /** At most 50 of the streams that hold the slots, oldest first. Where the viewer may choose, only streams whose end, all together, makes room, of more than 50 first those of places with the fewest streams, then those seen least recently; where the end of so many would not make room, the viewer may not choose. */
  readonly conflicts: readonly {
    /** Names this stream as the one to end when the start is tried again. */
    readonly terminationToken?: string;
    /** Class of the device. */
    readonly deviceClass?: string;
    /** Title. */
    readonly title?: string;
    /** Profile. */
    readonly profile?: string;
    /** It is paused. */
    readonly paused?: boolean;
    /** End of its lease, milliseconds UTC. */
    readonly expiresAt?: number;
    /** Session. */
    readonly sessionId: string;
    /** Device. */
    readonly device: string;
    /** Content. */
    readonly content: string;
    /** Start, milliseconds UTC. */
    readonly startedAt: number;
    /** Last sign of life, milliseconds UTC. */
    readonly lastSeenAt: number;
  }[];
  /** Until the earliest lease ends; absent where that would not help. */
  readonly retryAfterMs?: number;
};

/** SessionView. */
export type SessionView = {
  /** Session. */
  readonly sessionId: string;
  /** Whether it holds a lease. */
  readonly state: 'active' | 'ended';
  /** Why it ended. no-lease: it never held one, as a download, or where all that came of it came late. */
  readonly endReason?: string;
  /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
  readonly endedBy?: string;
  /** May the stream go on. "stop" is final. */
  readonly verdict: 'continue' | 'warn' | 'stop';
  /** Why the verdict is not continue. */
  readonly reason?: string;
  /** Greatest sequence of a native beat; −1 before the first. */
  readonly lastSequence: number;
  /** Distinct beats. */
  readonly beats: number;
  /** Distinct events. */
  readonly events: number;
  /** Start, milliseconds UTC. */
  readonly startedAt: number;
  /** Last sign of life, milliseconds UTC. */
  readonly lastSeenAt: number;
  /** End of the lease; 0: it never had one, as a download, milliseconds UTC. */
  readonly expiresAt: number;
  /** high: its player has reported, or a licence renewal speaks for it. low: only its start, or what a back end has seen. */
  readonly confidence?: 'high' | 'low';
  /** What speaks for it now, the longest first. */
  readonly evidence?: readonly {
    /** NATIVE and CMCD are its player; else the kind of evidence: in capitals, but SEGMENT for cdn-log. */
    readonly source: string;
    /** Until when it alone would keep the stream, milliseconds UTC. */
    readonly expiresAt: number;
  }[];
  /** The gateway admitted it by the fail rule. */
  readonly admittedUnchecked?: boolean;
  /** It plays from the device's own storage and holds no lease: state is ended all the while, lastSeenAt says when it reported. */
  readonly downloaded?: boolean;
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** AccountStreams. */
export type AccountStreams = {
  /** The live streams, oldest first. */
  readonly streams: readonly {
    /** Session. */
    readonly sessionId: string;
    /** Whether it holds a lease. */
    readonly state: 'active' | 'ended';
    /** Why it ended. no-lease: it never held one, as a download, or where all that came of it came late. */
    readonly endReason?: string;
    /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
    readonly endedBy?: string;
    /** May the stream go on. "stop" is final. */
    readonly verdict: 'continue' | 'warn' | 'stop';
    /** Why the verdict is not continue. */
    readonly reason?: string;
    /** Greatest sequence of a native beat; −1 before the first. */
    readonly lastSequence: number;
    /** Distinct beats. */
    readonly beats: number;
    /** Distinct events. */
    readonly events: number;
    /** Start, milliseconds UTC. */
    readonly startedAt: number;
    /** Last sign of life, milliseconds UTC. */
    readonly lastSeenAt: number;
    /** End of the lease; 0: it never had one, as a download, milliseconds UTC. */
    readonly expiresAt: number;
    /** high: its player has reported, or a licence renewal speaks for it. low: only its start, or what a back end has seen. */
    readonly confidence?: 'high' | 'low';
    /** What speaks for it now, the longest first. */
    readonly evidence?: readonly {
      /** NATIVE and CMCD are its player; else the kind of evidence: in capitals, but SEGMENT for cdn-log. */
      readonly source: string;
      /** Until when it alone would keep the stream, milliseconds UTC. */
      readonly expiresAt: number;
    }[];
    /** The gateway admitted it by the fail rule. */
    readonly admittedUnchecked?: boolean;
    /** It plays from the device's own storage and holds no lease: state is ended all the while, lastSeenAt says when it reported. */
    readonly downloaded?: boolean;
    /** The answer comes from a copy that may be behind, by so many records. */
    readonly staleBy?: number;
    /** Device. */
    readonly device: string;
    /** Class of the device. */
    readonly deviceClass?: string;
    /** Profile. */
    readonly profile?: string;
    /** Content. */
    readonly content: string;
    /** Title. */
    readonly title?: string;
    /** Kind of the content. */
    readonly kind: 'LIVE' | 'VOD' | 'CATCHUP' | 'UNKNOWN';
    /** It is paused. */
    readonly paused?: boolean;
  }[];
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** SessionList. */
export type SessionList = {
  /** In the order asked; null: never seen or forgotten. */
  readonly sessions: readonly ({
    /** Session. */
    readonly sessionId: string;
    /** Whether it holds a lease. */
    readonly state: 'active' | 'ended';
    /** Why it ended. no-lease: it never held one, as a download, or where all that came of it came late. */
    readonly endReason?: string;
    /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
    readonly endedBy?: string;
    /** May the stream go on. "stop" is final. */
    readonly verdict: 'continue' | 'warn' | 'stop';
    /** Why the verdict is not continue. */
    readonly reason?: string;
    /** Greatest sequence of a native beat; −1 before the first. */
    readonly lastSequence: number;
    /** Distinct beats. */
    readonly beats: number;
    /** Distinct events. */
    readonly events: number;
    /** Start, milliseconds UTC. */
    readonly startedAt: number;
    /** Last sign of life, milliseconds UTC. */
    readonly lastSeenAt: number;
    /** End of the lease; 0: it never had one, as a download, milliseconds UTC. */
    readonly expiresAt: number;
    /** high: its player has reported, or a licence renewal speaks for it. low: only its start, or what a back end has seen. */
    readonly confidence?: 'high' | 'low';
    /** What speaks for it now, the longest first. */
    readonly evidence?: readonly {
      /** NATIVE and CMCD are its player; else the kind of evidence: in capitals, but SEGMENT for cdn-log. */
      readonly source: string;
      /** Until when it alone would keep the stream, milliseconds UTC. */
      readonly expiresAt: number;
    }[];
    /** The gateway admitted it by the fail rule. */
    readonly admittedUnchecked?: boolean;
    /** It plays from the device's own storage and holds no lease: state is ended all the while, lastSeenAt says when it reported. */
    readonly downloaded?: boolean;
    /** The answer comes from a copy that may be behind, by so many records. */
    readonly staleBy?: number;
  } | null)[];
};

/** FoundSessions. */
export type FoundSessions = {
  /** Those that fit. */
  readonly sessions: readonly {
    /** Session. */
    readonly sessionId: string;
    /** Whether it holds a lease. */
    readonly state: 'active' | 'ended';
    /** Why it ended. no-lease: it never held one, as a download, or where all that came of it came late. */
    readonly endReason?: string;
    /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
    readonly endedBy?: string;
    /** May the stream go on. "stop" is final. */
    readonly verdict: 'continue' | 'warn' | 'stop';
    /** Why the verdict is not continue. */
    readonly reason?: string;
    /** Greatest sequence of a native beat; −1 before the first. */
    readonly lastSequence: number;
    /** Distinct beats. */
    readonly beats: number;
    /** Distinct events. */
    readonly events: number;
    /** Start, milliseconds UTC. */
    readonly startedAt: number;
    /** Last sign of life, milliseconds UTC. */
    readonly lastSeenAt: number;
    /** End of the lease; 0: it never had one, as a download, milliseconds UTC. */
    readonly expiresAt: number;
    /** high: its player has reported, or a licence renewal speaks for it. low: only its start, or what a back end has seen. */
    readonly confidence?: 'high' | 'low';
    /** What speaks for it now, the longest first. */
    readonly evidence?: readonly {
      /** NATIVE and CMCD are its player; else the kind of evidence: in capitals, but SEGMENT for cdn-log. */
      readonly source: string;
      /** Until when it alone would keep the stream, milliseconds UTC. */
      readonly expiresAt: number;
    }[];
    /** The gateway admitted it by the fail rule. */
    readonly admittedUnchecked?: boolean;
    /** It plays from the device's own storage and holds no lease: state is ended all the while, lastSeenAt says when it reported. */
    readonly downloaded?: boolean;
    /** The answer comes from a copy that may be behind, by so many records. */
    readonly staleBy?: number;
    /** Device. */
    readonly device: string;
    /** Class of the device. */
    readonly deviceClass?: string;
    /** Profile. */
    readonly profile?: string;
    /** Content. */
    readonly content: string;
    /** Title. */
    readonly title?: string;
    /** Kind of the content. */
    readonly kind: 'LIVE' | 'VOD' | 'CATCHUP' | 'UNKNOWN';
    /** It is paused. */
    readonly paused?: boolean;
    /** Account. */
    readonly account: string;
  }[];
  /** Give it as `after` for what follows; absent at the end. */
  readonly next?: string;
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** Usage. */
export type Usage = {
  /** Plan. */
  readonly plan: string;
  /** Streams that hold a slot; exempt content holds none, unless a rule counts it. */
  readonly streams: number;
  /** Every rule, a line for each combination of values that it counts apart. */
  readonly rules: readonly {
    /** Policy. */
    readonly policy: string;
    /** Version of the policy. */
    readonly version: number;
    /** Rule. */
    readonly rule: string;
    /** allow: one more would fit. */
    readonly outcome: 'allow' | 'deny';
    /** It only counts, by its policy or because the tenant is in shadow. */
    readonly shadow: boolean;
    /** What it does at its limit. */
    readonly strategy: string;
    /** Values that it counted apart, as attribute=value. */
    readonly group?: string;
    /** What it counts. */
    readonly current: number;
    /** Its limit; null: the token of each viewer says it. */
    readonly max: number | null;
  }[];
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** StoredEntitlement. */
export type StoredEntitlement = {
  /** Name of the plan. */
  readonly plan: string;
  /** Streams at once. */
  readonly maxStreams: number;
  /** When it was set; absent where that was not kept, milliseconds UTC. */
  readonly updatedAt?: number;
  /** Role of the one who set it. */
  readonly updatedBy?: string;
};

/** Explanation. */
export type Explanation = {
  /** What was or would be decided. */
  readonly decision: 'allow' | 'deny';
  /** Why, for programs. */
  readonly reason?: string;
  /** Plan. */
  readonly plan: string;
  readonly usage: {
    /** Streams that hold a slot. */
    readonly current: number;
    /** Streams allowed; null when nothing limits the stream, such as exempt content. */
    readonly max: number | null;
  };
  /** At most 50 of the streams that hold the slots, oldest first. Where the viewer may choose, only streams whose end, all together, makes room, of more than 50 first those of places with the fewest streams, then those seen least recently; where the end of so many would not make room, the viewer may not choose. */
  readonly conflicts: readonly {
    /** Names this stream as the one to end when the start is tried again. */
    readonly terminationToken?: string;
    /** Class of the device. */
    readonly deviceClass?: string;
    /** Title. */
    readonly title?: string;
    /** Profile. */
    readonly profile?: string;
    /** It is paused. */
    readonly paused?: boolean;
    /** End of its lease, milliseconds UTC. */
    readonly expiresAt?: number;
    /** Session. */
    readonly sessionId: string;
    /** Device. */
    readonly device: string;
    /** Content. */
    readonly content: string;
    /** Start, milliseconds UTC. */
    readonly startedAt: number;
    /** Last sign of life, milliseconds UTC. */
    readonly lastSeenAt: number;
  }[];
  /** On deny: until enough leases end. */
  readonly retryAfterMs?: number;
  /** On deny: the policy that refused. */
  readonly policy?: string;
  /** On deny: its rule. */
  readonly rule?: string;
  /** On deny: the viewer may choose some of the conflicts to end; the end of all of them makes room. */
  readonly mayEnd?: boolean;
  /** Sessions that it ended. */
  readonly ended?: readonly string[];
  /** On allow over a limit: when it is judged again, milliseconds UTC. */
  readonly graceUntil?: number;
  /** False: no rule was asked, because nobody decided in time, the start came late, or it is a download. */
  readonly checked: boolean;
  /** Time of the decision, milliseconds UTC. */
  readonly decidedAt: number;
  /** Every rule that was asked. */
  readonly rules: readonly {
    /** Policy. */
    readonly policy: string;
    /** Version of the policy. */
    readonly version: number;
    /** Rule. */
    readonly rule: string;
    /** What it said. */
    readonly outcome: 'allow' | 'deny';
    /** It only counts: its outcome decided nothing. */
    readonly shadow: boolean;
    /** What it does at its limit. */
    readonly strategy: string;
    /** Values that it counted apart, as attribute=value. */
    readonly group?: string;
    /** What it counted, the start included. */
    readonly current: number;
    /** Its limit. */
    readonly max: number;
  }[];
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** History. */
export type History = {
  /** Newest first. */
  readonly entries: readonly {
    /** When, milliseconds UTC. */
    readonly at: number;
    /** ADMISSION, IMPLICIT_ADMISSION, CHECK or END. */
    readonly type: string;
    /** Session. */
    readonly sessionId: string;
    /** Device. */
    readonly device: string;
    /** Content. */
    readonly content: string;
    /** Kind of the content. */
    readonly kind: string;
    /** What was decided. */
    readonly decision?: 'allow' | 'deny';
    /** Why. */
    readonly reason?: string;
    /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
    readonly endedBy?: string;
    /** False: no rule was asked, because nobody decided in time, the start came late, or it is a download. */
    readonly checked: boolean;
    /** What was counted. */
    readonly current?: number;
    /** The limit; absent where nothing limited. */
    readonly max?: number;
    /** Policy. */
    readonly policy?: string;
    /** Its rule. */
    readonly rule?: string;
    /** Every rule that was asked. */
    readonly rules: readonly {
      /** Policy. */
      readonly policy: string;
      /** Version of the policy. */
      readonly version: number;
      /** Rule. */
      readonly rule: string;
      /** What it said. */
      readonly outcome: 'allow' | 'deny';
      /** It only counts: its outcome decided nothing. */
      readonly shadow: boolean;
      /** What it does at its limit. */
      readonly strategy: string;
      /** Values that it counted apart, as attribute=value. */
      readonly group?: string;
      /** What it counted, the start included. */
      readonly current: number;
      /** Its limit. */
      readonly max: number;
    }[];
  }[];
  /** The answer comes from a copy that may be behind, by so many records. */
  readonly staleBy?: number;
};

/** EvidenceAnswer. */
export type EvidenceAnswer = {
  /** Session. */
  readonly session: string;
  /** May the stream go on. "stop" is final. */
  readonly verdict: 'continue' | 'warn' | 'stop';
  /** Why it is not continue. */
  readonly reason?: string;
  /** With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did. */
  readonly endedBy?: string;
  /** Present where this one was not taken. rate-limit: its account sends more than it may. */
  readonly refused?: string;
  /** With refused: when it may be sent again. */
  readonly retryAfterMs?: number;
};

/** StoredPolicy. */
export type StoredPolicy = {
  /** Greater at every change, and never that of an earlier document. */
  readonly version: number;
  /** When it was set, milliseconds UTC. */
  readonly updatedAt: number;
  /** Role of the one who set it. */
  readonly updatedBy?: string;
  /** As it was written. */
  readonly document: Readonly<Record<string, unknown>>;
};

/** StoredPolicies. */
export type StoredPolicies = {
  /** By their ids. */
  readonly policies: Readonly<Record<string, StoredPolicy>>;
};

/** Overview. */
export type Overview = {
  /** Mean of the last five seconds. */
  readonly beatsPerSecond: number;
  /** Beats in each of the last 60 seconds. */
  readonly history: readonly number[];
  /** Streams that reported in the last 15 to 30 s and may go on. */
  readonly liveStreams: number;
  /** Starts refused in the last minute, and streams that reported in the last 15 to 30 s and were told to stop. */
  readonly blockedStreams: number;
  /** Starts refused in the last minute. */
  readonly refusedStarts: number;
  /** Size of the data directory; null when there is none here. */
  readonly dataDirectoryBytes?: number | null;
  /** Port of /metrics and /health. */
  readonly adminPort?: number;
  /** Whose figures these are. */
  readonly tenant: string;
  /** The gateway's time, milliseconds UTC. */
  readonly serverTime: number;
};

/** DemoTokens. */
export type DemoTokens = {
  /** Tenant of the tokens. */
  readonly tenant: string;
  /** Operator token. */
  readonly operator: string;
  /** Viewer token, when an account was named. */
  readonly viewer?: string;
};

/** Problem. */
export type Problem = {
  /** `/problems/<code>`. */
  readonly type: string;
  /** For people. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong with this request. */
  readonly detail?: string;
  /** Every field that is wrong, up to 20. */
  readonly errors?: readonly {
    /** JSON pointer into the body, `?name` for a query parameter, `{name}` for one in the path. */
    readonly pointer: string;
    /** For programs: required, type, minimum, … */
    readonly code: string;
    /** For people. */
    readonly detail: string;
  }[];
};

/** What every call may add. */
export type CallOptions = Pick<ApiRequest, 'headers' | 'keepalive'>;

/** The operations of the gateway. Each resolves to the answer, whatever its status; rejects when there is none. */
export class PlayheadApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Ask to start a stream: `POST /v1/playback-sessions`. */
  postPlaybackSession(
    options: CallOptions & { readonly body: PlaybackSession },
  ): Promise<
    | ApiAnswer<201, PlaybackSessionAnswer>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<409, DenyProblem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<429, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: `/v1/playback-sessions`,
    }) as never;
  }

  /** Search the sessions of the tenant: `GET /v1/playback-sessions`. */
  searchPlaybackSessions(
    options: CallOptions & {
      readonly query?: {
        readonly account?: string;
        readonly session?: string;
        readonly device?: string;
        readonly content?: string;
        readonly state?: 'active' | 'ended';
        readonly limit?: number;
        readonly after?: string;
      };
    } = {},
  ): Promise<
    | ApiAnswer<200, FoundSessions>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/v1/playback-sessions`, options.query),
    }) as never;
  }

  /** Look up to 1,000 sessions up: `POST /v1/playback-sessions/lookup`. */
  lookupPlaybackSessions(
    options: CallOptions & { readonly body: Lookup },
  ): Promise<
    | ApiAnswer<200, SessionList>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: `/v1/playback-sessions/lookup`,
    }) as never;
  }

  /** Look up a session: `GET /v1/playback-sessions/{session}`. */
  getPlaybackSession(
    options: CallOptions & {
      readonly session: string;
      readonly query?: { readonly ticket?: string; readonly account?: string };
    },
  ): Promise<
    | ApiAnswer<200, SessionView>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/v1/playback-sessions/${encodeURIComponent(options.session)}`, options.query),
    }) as never;
  }

  /** Stop a stream: `DELETE /v1/playback-sessions/{session}`. */
  deletePlaybackSession(
    options: CallOptions & {
      readonly session: string;
      readonly query?: { readonly ticket?: string; readonly account?: string };
    },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'DELETE',
      path: addressOf(`/v1/playback-sessions/${encodeURIComponent(options.session)}`, options.query),
    }) as never;
  }

  /** Explain the decision on a session, rule by rule: `GET /v1/playback-sessions/{session}/decision`. */
  getDecision(
    options: CallOptions & { readonly session: string; readonly query?: { readonly account?: string } },
  ): Promise<
    | ApiAnswer<200, Explanation>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/v1/playback-sessions/${encodeURIComponent(options.session)}/decision`, options.query),
    }) as never;
  }

  /** Stop a stream by a beacon: `POST /v1/playback-sessions/{session}/stop`. */
  postStop(
    options: CallOptions & {
      readonly session: string;
      readonly query?: { readonly ticket?: string; readonly account?: string };
    },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'POST',
      path: addressOf(`/v1/playback-sessions/${encodeURIComponent(options.session)}/stop`, options.query),
    }) as never;
  }

  /** Report one beat, or up to 100: `POST /v1/heartbeats`. */
  postHeartbeats(
    options: CallOptions & {
      readonly query?: { readonly ticket?: string };
      readonly body: Heartbeat | readonly Heartbeat[];
    },
  ): Promise<
    | ApiAnswer<200, VerdictAnswer | readonly VerdictAnswer[]>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<429, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: addressOf(`/v1/heartbeats`, options.query),
    }) as never;
  }

  /** Report one event, or up to 100: `POST /v1/events`. */
  postEvents(
    options: CallOptions & { readonly query?: { readonly ticket?: string }; readonly body: Event | readonly Event[] },
  ): Promise<
    | ApiAnswer<200, VerdictAnswer | readonly VerdictAnswer[]>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<429, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: addressOf(`/v1/events`, options.query),
    }) as never;
  }

  /** Report CMCD v2 events: `POST /v1/cmcd`. */
  postCmcd(
    options: CallOptions & {
      readonly query?: { readonly ticket?: string; readonly interval?: number; readonly answer?: 'json' };
      readonly body: string;
    },
  ): Promise<
    | ApiAnswer<200, VerdictAnswer>
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      contentType: 'application/cmcd',
      method: 'POST',
      path: addressOf(`/v1/cmcd`, options.query),
    }) as never;
  }

  /** Report one sign of life of a stream, or up to 100: `POST /v1/evidence`. */
  postEvidence(
    options: CallOptions & { readonly body: Evidence | readonly Evidence[] },
  ): Promise<
    | ApiAnswer<200, EvidenceAnswer | readonly EvidenceAnswer[]>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<429, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: `/v1/evidence`,
    }) as never;
  }

  /** May media be served to this stream: `GET /v1/authorization`. */
  getAuthorization(
    options: CallOptions & { readonly query?: { readonly ticket?: string } } = {},
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/v1/authorization`, options.query),
    }) as never;
  }

  /** List the live streams of an account: `GET /v1/accounts/{account}/streams`. */
  getAccountStreams(
    options: CallOptions & { readonly account: string },
  ): Promise<
    | ApiAnswer<200, AccountStreams>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/streams`,
    }) as never;
  }

  /** What an account uses of each rule of each policy: `GET /v1/accounts/{account}/usage`. */
  getUsage(
    options: CallOptions & { readonly account: string },
  ): Promise<
    | ApiAnswer<200, Usage>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/usage`,
    }) as never;
  }

  /** What was decided on the sessions of an account, with why: `GET /v1/accounts/{account}/history`. */
  getHistory(
    options: CallOptions & { readonly account: string; readonly query?: { readonly limit?: number } },
  ): Promise<
    | ApiAnswer<200, History>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/v1/accounts/${encodeURIComponent(options.account)}/history`, options.query),
    }) as never;
  }

  /** Try a start without making it: `POST /v1/accounts/{account}/dry-run`. */
  postDryRun(
    options: CallOptions & { readonly account: string; readonly body: DryRun },
  ): Promise<
    | ApiAnswer<200, Explanation>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'POST',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/dry-run`,
    }) as never;
  }

  /** Show what an account may watch at once: `GET /v1/accounts/{account}/entitlement`. */
  getEntitlement(
    options: CallOptions & { readonly account: string },
  ): Promise<
    | ApiAnswer<200, StoredEntitlement>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/entitlement`,
    }) as never;
  }

  /** Set what an account may watch at once: `PUT /v1/accounts/{account}/entitlement`. */
  putEntitlement(
    options: CallOptions & { readonly account: string; readonly body: Entitlement },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'PUT',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/entitlement`,
    }) as never;
  }

  /** Take back what was set for an account: `DELETE /v1/accounts/{account}/entitlement`. */
  deleteEntitlement(
    options: CallOptions & { readonly account: string },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'DELETE',
      path: `/v1/accounts/${encodeURIComponent(options.account)}/entitlement`,
    }) as never;
  }

  /** List the policies of the tenant: `GET /v1/policies`. */
  getPolicies(
    options: CallOptions = {},
  ): Promise<
    | ApiAnswer<200, StoredPolicies>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({ ...optionsOf(options), method: 'GET', path: `/v1/policies` }) as never;
  }

  /** Show a policy: `GET /v1/policies/{policy}`. */
  getPolicy(
    options: CallOptions & { readonly policy: string },
  ): Promise<
    | ApiAnswer<200, StoredPolicy>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: `/v1/policies/${encodeURIComponent(options.policy)}`,
    }) as never;
  }

  /** Set a policy: `PUT /v1/policies/{policy}`. */
  putPolicy(
    options: CallOptions & { readonly policy: string; readonly body: Policy },
  ): Promise<
    | ApiAnswer<200, StoredPolicy>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<409, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'PUT',
      path: `/v1/policies/${encodeURIComponent(options.policy)}`,
    }) as never;
  }

  /** Take a policy back: `DELETE /v1/policies/{policy}`. */
  deletePolicy(
    options: CallOptions & { readonly policy: string },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'DELETE',
      path: `/v1/policies/${encodeURIComponent(options.policy)}`,
    }) as never;
  }

  /** Show the settings of the tenant: `GET /v1/settings`. */
  getTenantSettings(
    options: CallOptions = {},
  ): Promise<
    | ApiAnswer<200, TenantSettings>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({ ...optionsOf(options), method: 'GET', path: `/v1/settings` }) as never;
  }

  /** Set the settings of the tenant: `PUT /v1/settings`. */
  putTenantSettings(
    options: CallOptions & { readonly body: TenantSettings },
  ): Promise<
    | ApiAnswer<204, undefined>
    | ApiAnswer<400, Problem>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<413, Problem>
    | ApiAnswer<415, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      body: options.body,
      method: 'PUT',
      path: `/v1/settings`,
    }) as never;
  }

  /** What goes on at this gateway now: `GET /v1/overview`. */
  getOverview(
    options: CallOptions = {},
  ): Promise<
    | ApiAnswer<200, Overview>
    | ApiAnswer<401, Problem>
    | ApiAnswer<403, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
    | ApiAnswer<503, Problem>
  > {
    return this.#transport.send({ ...optionsOf(options), method: 'GET', path: `/v1/overview` }) as never;
  }

  /** Tokens for trying it out: `GET /demo/tokens`. */
  getDemoTokens(
    options: CallOptions & { readonly query?: { readonly account?: string; readonly device?: string } } = {},
  ): Promise<
    | ApiAnswer<200, DemoTokens>
    | ApiAnswer<400, Problem>
    | ApiAnswer<404, Problem>
    | ApiAnswer<405, Problem>
    | ApiAnswer<431, undefined>
  > {
    return this.#transport.send({
      ...optionsOf(options),
      method: 'GET',
      path: addressOf(`/demo/tokens`, options.query),
    }) as never;
  }

  /** This document: `GET /openapi.json`. */
  getOpenApi(
    options: CallOptions = {},
  ): Promise<ApiAnswer<200, Readonly<Record<string, unknown>>> | ApiAnswer<405, Problem> | ApiAnswer<431, undefined>> {
    return this.#transport.send({ ...optionsOf(options), method: 'GET', path: `/openapi.json` }) as never;
  }
}

function optionsOf({ headers, keepalive }: CallOptions): CallOptions {
  return { ...(headers === undefined ? {} : { headers }), ...(keepalive === undefined ? {} : { keepalive }) };
}

function addressOf(path: string, query: Readonly<Record<string, unknown>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
  return text === '' ? path : `${path}?${text}`;
}
