import type { AccountRef } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import { accountOf, hasTicket, ticketOf } from '../auth/credentials.ts';
import { problems, SESSION_PARAMETERS } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { sessionAtLogEnd } from '../guard/session-at-log-end.ts';
import { behindReports } from '../http/next-cohort.ts';
import type { Call, Reply, Route } from '../http/route.ts';
import { stopRecord, terminateRecord } from '../records/session-records.ts';
import { sessionOf, sessionUnknown } from './session-of.ts';

const DESCRIPTION =
  'Idempotent. A ticket stops its own session; a player that goes on with it for longer than the grace of its tenant is told to stop. A viewer token stops any session of its account, an operator or service token any session of the account it names; its player is told to stop. A session never seen in that account is 404, once the guard has read the log to its end; where that cannot be known in time the stop is stored, and holds for a start that comes after it.';

/** `DELETE /v1/playback-sessions/{session}`. */
export function deletePlaybackSession(parts: GatewayParts): Route {
  return {
    method: 'DELETE',
    path: '/v1/playback-sessions/{session}',
    cors: true,
    operation: {
      operationId: 'deletePlaybackSession',
      tags: ['players'],
      summary: 'Stop a stream',
      description: DESCRIPTION,
      security: [{ ticket: [] }, { ticketQuery: [] }, { token: [] }],
      parameters: SESSION_PARAMETERS,
      responses: { '204': { description: 'Stopped; its slot is free.' }, ...problems(400, 401, 403, 404, 503) },
    },
    handle: (call) => stop(parts, call),
  };
}

/** `POST /v1/playback-sessions/{session}/stop`: the same for beacons, which can only post; the body is not read. */
export function postStop(parts: GatewayParts): Route {
  return {
    method: 'POST',
    path: '/v1/playback-sessions/{session}/stop',
    cors: true,
    operation: {
      operationId: 'postStop',
      tags: ['players'],
      summary: 'Stop a stream by a beacon',
      description: `${DESCRIPTION} The body is not read.`,
      security: [{ ticketQuery: [] }, { ticket: [] }, { token: [] }],
      parameters: SESSION_PARAMETERS,
      responses: { '204': { description: 'Stopped; its slot is free.' }, ...problems(400, 401, 403, 404, 503) },
    },
    handle: (call) => stop(parts, call),
  };
}

async function stop(parts: GatewayParts, call: Call): Promise<Reply> {
  const session = sessionOf(call);
  const { receivedAt } = call;
  if (hasTicket(call)) {
    const { tenant, account, profile, device, session: own } = ticketOf(call, parts.tickets);
    if (session !== own) throw problem(403, 'other-session', { detail: 'The ticket is of another session.' });
    await behindReports();
    await parts.log.heartbeat(stopRecord({ tenant, account, session, profile, device, reason: 'stopped' }, receivedAt));
    parts.live.ended(tenant, session, receivedAt);
    return NO_CONTENT;
  }
  const access = await accountOf(call, parts.tokens, call.query.get('account') ?? undefined);
  const { tenant, account, role } = access;
  await refuseUnknown(parts, { tenant, account, session });
  const owner = { tenant, account, session, profile: null, device: null, reason: `stopped-by-${role}` };
  await behindReports();
  await parts.log.heartbeat(terminateRecord(owner, role, receivedAt));
  parts.live.ended(tenant, session, receivedAt);
  return NO_CONTENT;
}

/**
 * A session that the account never had is 404: the guard has read everything that is in the log by now and does not know
 * it. Whenever that is not certain the stop is written all the same: it does nothing to a session that is not there, and
 * ends one whose start is still on its way to the guard.
 */
async function refuseUnknown(parts: GatewayParts, whose: SessionRef): Promise<void> {
  const timeoutMs = parts.settings.GATEWAY_DECISION_TRY_MS;
  const isUnknown = async (view: Promise<unknown>): Promise<boolean> =>
    view.then(
      (found) => found === undefined,
      () => false,
    );
  if (!(await isUnknown(parts.guard.session({ ...whose, timeoutMs })))) return;
  if (await isUnknown(sessionAtLogEnd(parts, whose, timeoutMs))) throw sessionUnknown();
}

type SessionRef = AccountRef & { readonly session: string };

const NO_CONTENT: Reply = Object.freeze({ status: 204 });
