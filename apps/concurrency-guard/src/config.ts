import { MAX_STREAMS } from '@playhead/event-schemas';
import { defineSettings, durationMs, int, port, string } from '@playhead/service-kit';
import type { SettingValues } from '@playhead/service-kit';

/** The concurrency guard's own settings. */
export const concurrencyGuardSettings = defineSettings({
  CONCURRENCY_GUARD_ADMIN_PORT: port('Port of health, metrics and internal calls of the concurrency guard.', 8091),
  DEFAULT_PLAN: string('Name of the plan of an account without an entitlement.', 'default'),
  DEFAULT_MAX_STREAMS: int('Streams at once of an account without an entitlement.', 2, { min: 0, max: MAX_STREAMS }),
  HEARTBEAT_INTERVAL_MS: durationMs('Interval of the beats of players of ours.', 10_000, { min: 1000 }),
  HEARTBEAT_GRACE_MS: durationMs('How late a beat may be before its stream is taken to have ended.', 15_000, {
    min: 0,
  }),
  CONCURRENCY_GUARD_SWEEP_MS: durationMs('How often ended leases are announced.', 1000, { min: 10 }),
});

/** The values of the concurrency guard's own settings. */
export type ConcurrencyGuardSettings = SettingValues<typeof concurrencyGuardSettings>;
