import { attributesOf, failRule } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { GatewayParts } from '../gateway-parts.ts';
import { stopRecord, uncheckedDecision, uncheckedRecord } from '../records/session-records.ts';

/**
 * What the fail rule says of a start that nobody decided on in time: rules of policies, the tenant's, the installation's.
 * It is audited on `playback.decisions`, and the guard is told, so that it checks the start afterwards.
 */
export function decideUnchecked(parts: GatewayParts, start: PlaybackHeartbeat): 'allow' | 'deny' {
  const { tenant, account, session, profile, device } = start;
  const said = failRule({
    attributes: attributesOf(start, null),
    isFree: start.exempt || start.downloaded,
    policies: [...parts.rules.policiesOf(tenant).values()],
    settings: parts.rules.settingsOf(tenant),
    otherwise: parts.settings.GATEWAY_FAIL_CLOSED_TENANTS.includes(tenant) ? 'deny' : 'allow',
  });
  const now = parts.now();
  const owner = { tenant, account, session, profile, device, reason: 'guard-unavailable' };
  const records = [
    parts.log.decision(uncheckedDecision(start, said === 'deny' ? 'DENY' : 'ALLOW', now)),
    // The start is in the log, and nobody plays what was refused: without a stop it would hold a slot for a lease.
    parts.log.heartbeat(said === 'deny' ? stopRecord(owner, now) : uncheckedRecord(start, now)),
  ];
  // Not waited for: the viewer has waited for the guard already, and the start itself is stored.
  Promise.all(records).catch((error: unknown) => {
    parts.logger.error({ err: error, tenant, session }, 'an unchecked decision could not be stored');
  });
  parts.metrics.admissions.add(said === 'deny' ? 'unchecked-refuse' : 'unchecked-allow');
  parts.logger.warn({ tenant, session, said }, 'nobody decided on a start in time');
  return said;
}
