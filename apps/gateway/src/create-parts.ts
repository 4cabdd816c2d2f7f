import type { GatewayParts } from './gateway-parts.ts';
import type { GatewaySettings } from './config.ts';
import { GatewayMetrics } from './metrics/gateway-metrics.ts';
import { Gauge } from './metrics/typed-metrics.ts';
import { BlockedSessions } from './tables/blocked-sessions.ts';
import { ClockOffsets } from './tables/clock-offsets.ts';
import { LiveStreams } from './tables/live-streams.ts';
import { ClockSkew } from './tables/clock-skew.ts';
import { RateLimit } from './tables/rate-limit.ts';
import { TenantRules } from './tables/tenant-rules.ts';
import { VerdictFeed } from './tables/verdict-feed.ts';

/** Lines of CMCD beyond their session's or account's rate that become dead letters; those beyond this too are only counted. */
export const MAX_RATE_LIMITED_LETTERS_PER_SECOND = 500;

/** The parts that the gateway makes itself: its tables and its metrics. */
export type OwnParts = Pick<
  GatewayParts,
  | 'blocked'
  | 'clockOffsets'
  | 'live'
  | 'sessionRate'
  | 'accountRate'
  | 'letterRate'
  | 'metrics'
  | 'rules'
  | 'feed'
  | 'skew'
>;

/** Creates the tables with the bounds of the settings. */
export function createOwnParts(settings: GatewaySettings, now: () => number): OwnParts {
  const maxSessions = settings.GATEWAY_MAX_TRACKED_SESSIONS;
  return {
    blocked: new BlockedSessions({ maxSessions: settings.GATEWAY_MAX_BLOCKED_SESSIONS }),
    clockOffsets: new ClockOffsets({ maxSessions }),
    live: new LiveStreams({ maxSessions }),
    sessionRate: new RateLimit({
      perSecond: settings.GATEWAY_SESSION_ITEMS_PER_SECOND,
      burst: settings.GATEWAY_SESSION_BURST,
      maxKeys: maxSessions,
    }),
    accountRate: new RateLimit({
      perSecond: settings.GATEWAY_ACCOUNT_ITEMS_PER_SECOND,
      burst: settings.GATEWAY_ACCOUNT_BURST,
      maxKeys: maxSessions,
    }),
    letterRate: new RateLimit({
      perSecond: MAX_RATE_LIMITED_LETTERS_PER_SECOND,
      burst: MAX_RATE_LIMITED_LETTERS_PER_SECOND,
      maxKeys: 1,
    }),
    metrics: new GatewayMetrics(),
    rules: new TenantRules(),
    feed: new VerdictFeed({
      maxKept: settings.GATEWAY_MAX_KEPT_VERDICTS,
      maxListeners: settings.GATEWAY_MAX_EVENT_STREAMS,
      maxListenersPerTenant: settings.GATEWAY_MAX_EVENT_STREAMS_PER_TENANT,
      maxListenersPerAccount: settings.GATEWAY_MAX_EVENT_STREAMS_PER_ACCOUNT,
    }),
    skew: new ClockSkew({ now }),
  };
}

/** The sizes of the tables, for `/metrics`. */
export function tableGauges({
  blocked,
  clockOffsets,
  sessionRate,
  accountRate,
  feed,
  skew,
}: OwnParts): readonly Gauge[] {
  return [
    new Gauge({
      name: 'gateway_event_streams',
      help: 'Connections that listen for changes of verdicts.',
      read: () => feed.size,
    }),
    new Gauge({
      name: 'gateway_clock_lead_seconds',
      help: 'How far the clock of some other gateway was ahead of this one, the most in ten minutes.',
      read: () => skew.leadMs / 1000,
    }),
    new Gauge({
      name: 'gateway_blocked_sessions',
      help: 'Sessions that are not simply allowed.',
      read: () => blocked.size,
    }),
    new Gauge({
      name: 'gateway_blocked_sessions_forgotten',
      help: 'Blocked sessions lost because GATEWAY_MAX_BLOCKED_SESSIONS was reached.',
      read: () => blocked.forgotten,
    }),
    new Gauge({
      name: 'gateway_clock_offsets',
      help: 'Sessions whose clock is measured.',
      read: () => clockOffsets.size,
    }),
    new Gauge({
      name: 'gateway_rated_sessions',
      help: 'Sessions whose rate is watched.',
      read: () => sessionRate.size,
    }),
    new Gauge({
      name: 'gateway_rated_accounts',
      help: 'Accounts whose rate is watched.',
      read: () => accountRate.size,
    }),
  ];
}
