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

/** What policies read of a stream besides its content, as `streamAttributes` has checked it. */
export interface StreamAttributesBody {
  readonly deviceClass?: string;
  readonly deviceType?: string;
  readonly channel?: string;
  readonly rightsHolder?: string;
  readonly package?: string;
  readonly territory?: string;
  readonly location?: string;
  readonly home?: boolean;
  readonly adSupported?: boolean;
  readonly appId?: string;
  /** Role service. */
  readonly exempt?: boolean;
}

/** The body of a start, as `playbackSessionSchema` has checked it. */
export interface PlaybackSessionBody extends StreamAttributesBody {
  readonly contentId: string;
  readonly kind: string;
  readonly title?: string;
  readonly terminationTokens?: readonly string[];
  readonly account?: string;
  readonly profile?: string;
  readonly device?: string;
  readonly downloaded?: boolean;
  readonly maxStreams?: number;
}

/** The body of a dry run, as `dryRunSchema` has checked it. */
export type DryRunBody = Partial<Omit<PlaybackSessionBody, 'account' | 'terminationTokens'>> & {
  readonly end?: readonly string[];
};

/** One piece of evidence, as `evidenceSchema` has checked it. */
export interface EvidenceBody extends StreamAttributesBody {
  readonly account: string;
  readonly session: string;
  readonly kind: string;
  readonly id: string;
  readonly observedAt?: number;
  readonly ttlMs?: number;
  readonly contentId?: string;
  readonly contentKind?: string;
  readonly title?: string;
  readonly profile?: string;
  readonly device?: string;
}

/** The body of a batch lookup, as `lookupSchema` has checked it. */
export interface LookupBody {
  readonly sessions: readonly { readonly account?: string; readonly session: string }[];
}

/** The settings of a tenant, as `tenantSettingsSchema` has checked them. */
export interface TenantSettingsBody {
  readonly enforcement?: 'enforce' | 'shadow';
  readonly failRule?: 'allow' | 'deny';
  readonly uncheckedLeaseMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly heartbeatGraceMs?: number;
  readonly heartbeatMaxMissed?: number;
  readonly webhookUrl?: string;
  readonly webhookKeyId?: string;
  readonly showTitles?: boolean;
}

/** The body of an entitlement, as `entitlementSchema` has checked it. */
export interface EntitlementBody {
  readonly plan: string;
  readonly maxStreams: number;
}
