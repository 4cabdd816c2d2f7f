import { nativeEventId } from '@playhead/event-schemas';
import type { AdmissionDecision, PlaybackHeartbeat } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { GatewayParts } from '../gateway-parts.ts';
import { GuardUnavailableError } from '../guard/guard-unavailable-error.ts';
import { behindReports } from '../http/next-cohort.ts';
import type { Call, Reply } from '../http/route.ts';
import { startRecord } from '../records/session-records.ts';
import { cmcdUrl } from '../routes/cmcd-url.ts';
import { askForDecision } from './ask-for-decision.ts';
import type { StartRequest } from './start-request.ts';
import { decideUnchecked } from './unchecked.ts';

/**
 * Writes the start to the log and answers the decision on it. Rejects with the 409 problem of a refusal, and with
 * `GuardUnavailableError` for a start that nobody decided on and the fail rule refuses.
 */
export async function admit(parts: GatewayParts, call: Call, request: StartRequest): Promise<Reply> {
  const { claims, attributes } = request;
  const { tenant, account, session } = claims;
  const ticket = parts.tickets.sign(claims);
  const verified = parts.tickets.verify(ticket);
  const start = startRecord(verified, { ...attributes, gateway: parts.instance }, call.receivedAt);
  await behindReports();
  const position = await parts.log.heartbeat(start);
  // A start that waits on the disk has no place in the log yet: nobody can decide on it now.
  const decision =
    position === undefined
      ? undefined
      : await askForDecision(
          parts.guard,
          { tenant, account, session, position },
          {
            tryMs: parts.settings.GATEWAY_DECISION_TRY_MS,
            totalMs: parts.settings.GATEWAY_DECISION_TIMEOUT_MS,
            monotonicMs: parts.monotonicMs,
          },
        );
  if (decision?.decision === 'deny') {
    parts.metrics.admissions.add('deny');
    parts.live.refused(tenant, parts.now());
    throw denial(parts, start, decision);
  }
  if (decision !== undefined) parts.metrics.admissions.add('allow');
  else if (decideUnchecked(parts, start) === 'deny') throw new GuardUnavailableError('may this stream start');
  parts.live.reported(tenant, session, { beats: 0, stopped: false, now: parts.now() });
  const given =
    decision === undefined ? parts.tickets.sign(claims, { lifeMs: uncheckedLifeMs(parts, tenant) }) : ticket;
  return { status: 201, body: admission(parts, call, { ...claims, ticket: given }, decision) };
}

/** Until then the guard has had the time to decide; a new ticket comes with a beat of a stream that may go on. */
function uncheckedLifeMs({ rules, settings }: GatewayParts, tenant: string): number {
  return rules.settingsOf(tenant)?.uncheckedLeaseMs ?? settings.GATEWAY_UNCHECKED_TICKET_MS;
}

function admission(
  parts: GatewayParts,
  call: Call,
  given: { readonly tenant: string; readonly session: string; readonly ticket: string; readonly intervalMs: number },
  decision: AdmissionDecision | undefined,
): object {
  const own = parts.rules.settingsOf(given.tenant);
  const { HEARTBEAT_GRACE_MS, HEARTBEAT_MAX_MISSED } = parts.settings;
  return {
    sessionId: given.session,
    ticket: given.ticket,
    decision: 'allow',
    checked: decision !== undefined,
    heartbeat: {
      intervalMs: given.intervalMs,
      graceMs: own?.heartbeatGraceMs ?? HEARTBEAT_GRACE_MS,
      maxMissed: own?.heartbeatMaxMissed ?? HEARTBEAT_MAX_MISSED,
    },
    usage: decision?.usage ?? { current: null, max: null },
    cmcdUrl: cmcdUrl(call, given, parts.settings),
    serverTime: parts.now(),
  };
}

function whyRefused({ usage, reason, conflicts }: AdmissionDecision): string {
  if (reason === 'missing-attribute') return 'The start does not say what the rule asks about.';
  if (usage.max === 0) return 'The limit is 0: no stream is allowed.';
  // Of kept devices or profiles, say, nothing plays that is in the way.
  return `${usage.current} of ${usage.max} ${conflicts.length > 0 ? 'streams are in use' : 'places are taken'}.`;
}

function denial(parts: GatewayParts, start: PlaybackHeartbeat, decision: AdmissionDecision): Error {
  const { usage, conflicts, retryAfterMs, reason, policy, rule, mayEnd } = decision;
  const { tenant, account, session } = start;
  const refusedEventId = nativeEventId({ session, type: 'START', sequence: 0 });
  const showsTitles = parts.rules.settingsOf(tenant)?.showTitles ?? false;
  const shown = conflicts.map(({ title, profile, ...conflict }) => ({
    ...conflict,
    ...(showsTitles && title !== undefined ? { title } : {}),
    ...(showsTitles && profile !== undefined ? { profile } : {}),
    ...(mayEnd === true
      ? {
          terminationToken: parts.terminations.sign({ tenant, account, session: conflict.sessionId, refusedEventId }),
        }
      : {}),
  }));
  return problem(409, 'concurrency-limit', {
    title: reason === 'missing-attribute' ? 'The start says too little' : 'Too many streams',
    detail: whyRefused(decision),
    ...(retryAfterMs === undefined ? {} : { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } }),
    members: {
      decision: 'deny',
      ...(reason === undefined ? {} : { reason }),
      ...(policy === undefined ? {} : { policy }),
      ...(rule === undefined ? {} : { rule }),
      actions: retryAfterMs === undefined ? [] : mayEnd === true ? ['terminate', 'retry'] : ['retry'],
      usage,
      conflicts: shown,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}
