/** The body of a beat, as `heartbeatSchema` has checked it. */
export interface HeartbeatBody extends SurroundingsBody {
  readonly sequence: number;
  readonly state: string;
  readonly positionMs: number;
  readonly sentAt: number;
  readonly rangeStartMs?: number;
  readonly playMs?: number;
  readonly rebufferMs?: number;
  readonly pauseMs?: number;
  readonly rebufferCount?: number;
  readonly droppedFrames?: number;
  readonly renderedFrames?: number;
}

/** The body of an event, as `eventSchema` has checked it. */
export interface EventBody extends SurroundingsBody {
  readonly sequence: number;
  readonly type: string;
  readonly positionMs: number;
  readonly sentAt: number;
  readonly state?: string;
  readonly startupMs?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly kbps?: number;
  readonly fromKbps?: number;
  readonly width?: number;
  readonly height?: number;
  readonly reason?: string;
  readonly cause?: string;
  readonly code?: string | number;
  readonly fatal?: boolean;
  readonly category?: string;
  readonly message?: string;
  readonly quartile?: number;
  readonly rate?: number;
  readonly setting?: { readonly name?: string; readonly value?: string };
  readonly ad?: {
    readonly breakId?: string;
    readonly adId?: string;
    readonly creativeId?: string;
    readonly campaignId?: string;
    readonly position?: string;
    readonly slot?: number;
    readonly durationMs?: number;
    readonly revenueMicros?: number;
    readonly currency?: string;
  };
  readonly origin?: {
    readonly tileId?: string;
    readonly rail?: string;
    readonly slot?: number;
    readonly searchId?: string;
    readonly recommendationId?: string;
    readonly campaign?: string;
    readonly autoplay?: boolean;
  };
}

/** What both kinds of report may say about the player and the application. */
export interface SurroundingsBody {
  readonly durationMs?: number;
  readonly playbackRate?: number;
  readonly bitrateKbps?: number;
  readonly throughputKbps?: number;
  readonly bufferMs?: number;
  readonly liveLatencyMs?: number;
  readonly network?: string;
  readonly cdn?: string;
  readonly appId?: string;
  readonly appVersion?: string;
  readonly player?: string;
  readonly anonymousId?: string;
  readonly appSessionId?: string;
  readonly consent?: {
    readonly analytics?: boolean;
    readonly personalisation?: boolean;
    readonly advertising?: boolean;
  };
}

/** The body of a start, as `playbackSessionSchema` has checked it. */
export interface PlaybackSessionBody {
  readonly contentId: string;
  readonly kind: string;
  readonly title?: string;
}

/** The body of an entitlement, as `entitlementSchema` has checked it. */
export interface EntitlementBody {
  readonly plan: string;
  readonly maxStreams: number;
}
