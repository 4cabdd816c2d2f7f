import { MAX_QUESTION_MS } from '@playhead/event-schemas';
import { bytes, defineSettings, durationMs, int, list, optional, port, string, url, urls } from '@playhead/service-kit';
import type { SettingValues } from '@playhead/service-kit';
import { MAX_ITEMS } from './contract/body-validator.ts';

/** The gateway's own settings. */
export const gatewaySettings = defineSettings({
  GATEWAY_PORT: port('Port of the REST API and of the page.', 8080),
  GATEWAY_ADMIN_PORT: port('Port of health, metrics and internal calls of the gateway.', 8090),
  GATEWAY_PUBLIC_URL: optional(
    url('Address under which players reach the gateway; makes cmcdUrl absolute. Without it cmcdUrl is a path.'),
  ),
  TRUSTED_PROXIES: list('Addresses of proxies whose X-Forwarded-Host and X-Forwarded-Proto count.', []),
  CONCURRENCY_GUARD_URL: urls('Internal addresses of the instances of the concurrency guard; any of them answers.', [
    'http://127.0.0.1:8091',
  ]),
  GATEWAY_MAX_BODY_BYTES: bytes('Largest body of a request.', 256 * 1024, { min: 1024 }),
  GATEWAY_MAX_CMCD_LINES: int('Most lines of one CMCD report; those beyond are dropped and counted.', 1000, { min: 1 }),
  GATEWAY_MAX_CMCD_LINE_LENGTH: int('Longest line of a CMCD report, in characters.', 4096, { min: 64 }),
  GATEWAY_LOG_TIMEOUT_MS: durationMs(
    'How long a request waits for Kafka before what it brings goes to the disk.',
    3000,
    {
      min: 10,
    },
  ),
  GATEWAY_MAX_PENDING_RECORDS: int(
    'Records that may wait for Kafka in memory; beyond it they go to the disk. At least as many as one post of native reports may bring, an event being two.',
    50_000,
    {
      min: 2 * MAX_ITEMS,
    },
  ),
  GATEWAY_QUEUE_MAX_BYTES: bytes(
    'Most that waits on the disk while Kafka takes nothing; beyond it requests get 503. 0: nothing is kept there.',
    1024 * 1024 * 1024,
    { min: 0 },
  ),
  GATEWAY_MAX_BLOCKED_SESSIONS: int('Sessions that are not allowed which the gateway remembers.', 1_000_000, {
    min: 1,
  }),
  GATEWAY_MAX_TRACKED_SESSIONS: int('Sessions of each table: clock offsets, rates, live streams.', 200_000, { min: 1 }),
  GATEWAY_DECISION_TRY_MS: durationMs('How long one question to the guard may take at admission.', 200, {
    min: 1,
    max: MAX_QUESTION_MS,
  }),
  GATEWAY_DECISION_TIMEOUT_MS: durationMs("How long admission asks before the tenant's rule decides.", 2000, {
    min: 1,
  }),
  GATEWAY_LOOKUP_TIMEOUT_MS: durationMs('How long a lookup may take.', 2000, { min: 1, max: MAX_QUESTION_MS }),
  GATEWAY_FAIL_CLOSED_TENANTS: list('Tenants whose starts are refused when the guard does not answer.', []),
  GATEWAY_UNCHECKED_TICKET_MS: durationMs(
    'Life of the ticket of a stream that was admitted unchecked, where its tenant does not say.',
    300_000,
    { min: 1000 },
  ),
  GATEWAY_MAX_EVENT_STREAMS: int('Connections that listen for changes of verdicts at a time.', 1000, { min: 0 }),
  GATEWAY_MAX_EVENT_STREAMS_PER_TENANT: int('Such connections of one tenant at a time.', 500, { min: 0 }),
  GATEWAY_MAX_EVENT_STREAMS_PER_ACCOUNT: int('Such connections of one account at a time.', 50, { min: 0 }),
  GATEWAY_EVENT_STREAM_COMMENT_MS: durationMs('How often a silent event stream says that it is there.', 15_000, {
    min: 100,
  }),
  GATEWAY_MAX_KEPT_VERDICTS: int('Changes of verdicts kept for those who come back to an event stream.', 10_000, {
    min: 1,
  }),
  GATEWAY_INSTANCE: optional(string('Name of this gateway among the others; without it the name of the machine.')),
  GATEWAY_SESSION_ITEMS_PER_SECOND: int('Reports a second of one session in the long run.', 100, { min: 1 }),
  GATEWAY_SESSION_BURST: int('Reports of one session at once.', 2000, { min: 1 }),
  GATEWAY_ACCOUNT_ITEMS_PER_SECOND: int('Reports and starts a second of one account in the long run.', 500, { min: 1 }),
  GATEWAY_ACCOUNT_BURST: int('Reports and starts of one account at once.', 10_000, { min: 1 }),
  HEARTBEAT_INTERVAL_MS: durationMs('Interval of the beats of players of ours.', 10_000, { min: 1000 }),
  HEARTBEAT_GRACE_MS: durationMs('How late a beat may be before its stream is taken to have ended.', 15_000, {
    min: 0,
  }),
  HEARTBEAT_MAX_MISSED: int('Beats that a player may fail to send before it should stop.', 3, { min: 1 }),
});

/** The values of the gateway's own settings. */
export type GatewaySettings = SettingValues<typeof gatewaySettings>;
