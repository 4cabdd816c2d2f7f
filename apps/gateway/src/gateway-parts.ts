import type { ConcurrencyGuard } from '@playhead/event-schemas';
import type {
  DevelopmentClaims,
  ServiceLogger,
  TerminationTokens,
  TicketSigner,
  TicketVerifier,
  TokenVerifier,
} from '@playhead/service-kit';
import type { GatewaySettings } from './config.ts';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import type { EventLog } from './records/event-log.ts';
import type { BlockedSessions } from './tables/blocked-sessions.ts';
import type { ClockOffsets } from './tables/clock-offsets.ts';
import type { ClockSkew } from './tables/clock-skew.ts';
import type { LiveStreams } from './tables/live-streams.ts';
import type { RateLimit } from './tables/rate-limit.ts';
import type { TenantRules } from './tables/tenant-rules.ts';
import type { VerdictFeed } from './tables/verdict-feed.ts';

/** Everything that the routes work with; tests put their own in. */
export interface GatewayParts {
  readonly settings: GatewaySettings;
  readonly log: EventLog;
  readonly guard: ConcurrencyGuard;
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier & TicketSigner;
  /** Signs tokens for the page; with the development key only. */
  readonly development: { signToken(claims: DevelopmentClaims): Promise<string> } | undefined;
  /** Signs and checks what a refused viewer may end. */
  readonly terminations: TerminationTokens;
  readonly blocked: BlockedSessions;
  readonly rules: TenantRules;
  readonly feed: VerdictFeed;
  readonly skew: ClockSkew;
  /** 1: all that this gateway should take; see `LoadMeter`. */
  readonly load: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** Name of this gateway among the others. */
  readonly instance: string;
  readonly clockOffsets: ClockOffsets;
  readonly live: LiveStreams;
  readonly sessionRate: RateLimit;
  readonly accountRate: RateLimit;
  /** Lines beyond those two that are kept as dead letters, of all sessions together. */
  readonly letterRate: RateLimit;
  readonly metrics: GatewayMetrics;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn' | 'error'>;
  /** Bytes of the data directory; undefined when there is none on this machine. */
  readonly dataDirectoryBytes: () => Promise<number | undefined>;
  readonly now: () => number;
  /** Milliseconds from any origin, never set back: what waiting is measured with. */
  readonly monotonicMs: () => number;
}
