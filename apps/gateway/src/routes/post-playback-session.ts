import { randomUUID } from 'node:crypto';
import { looksLikeEmail } from '@playhead/event-schemas';
import type { AdmissionDecision, PlaybackHeartbeat } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { TicketClaims, ViewerIdentity } from '@playhead/service-kit';
import { askForDecision } from '../admission.ts';
import { viewerOf } from '../auth/credentials.ts';
import type { PlaybackSessionBody } from '../contract/bodies.ts';
import { playbackSessionSchema } from '../contract/body-schemas.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { answers, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import { CONTENT_KINDS, wordFinder } from '../contract/words.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { GuardUnavailableError } from '../guard/guard-unavailable-error.ts';
import type { Call, Reply, Route } from '../http/route.ts';
import { startRecord, stopRecord, uncheckedDecision } from '../records/session-records.ts';
import { cmcdUrl } from './cmcd-url.ts';
import { jsonBody } from './json-body.ts';
import { tooMany } from './take-reports.ts';

const findKind = wordFinder(CONTENT_KINDS);

/** `POST /v1/playback-sessions`: may this viewer start this content now. */
export function postPlaybackSession(parts: GatewayParts): Route {
  const validator = new BodyValidator<PlaybackSessionBody>(playbackSessionSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('playback-session'),
  });
  return {
    method: 'POST',
    path: '/v1/playback-sessions',
    hot: true,
    cors: true,
    operation: {
      operationId: 'postPlaybackSession',
      tags: ['players'],
      summary: 'Ask to start a stream',
      description:
        'The start is written to the log, and the decision on it, in the order of the log, is the answer. When the guard does not answer within 2 s, the rule of the tenant decides, and the answer says `checked: false`.',
      security: [{ token: [] }],
      requestBody: requestBody('PlaybackSession'),
      responses: {
        '201': answers('The stream may start.', ref('PlaybackSessionAnswer')),
        '409': {
          description: 'The account already watches as much as it may.',
          content: { 'application/problem+json': { schema: ref('DenyProblem') } },
        },
        ...problems(400, 401, 403, 413, 415, 429, 503),
      },
    },
    async handle(call) {
      const viewer = await viewerOf(call, parts.tokens);
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      refuseEmail(body.contentId);
      const waitMs = parts.accountRate.take(`${viewer.tenant}/${viewer.account}`, 1, call.receivedAt);
      if (waitMs > 0) throw tooMany(parts, 'account', waitMs);
      return admit(parts, call, sessionOf(parts, viewer, body));
    },
  };
}

async function admit(parts: GatewayParts, call: Call, claims: TicketClaims): Promise<Reply> {
  const { tenant, account, session } = claims;
  const ticket = parts.tickets.sign(claims);
  const start = startRecord(parts.tickets.verify(ticket), call.receivedAt);
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
            now: parts.now,
          },
        );
  if (decision?.decision === 'deny') {
    parts.metrics.admissions.add('deny');
    parts.live.refused(tenant, parts.now());
    throw denial(decision);
  }
  if (decision === undefined) failOrAllow(parts, start);
  else parts.metrics.admissions.add('allow');
  parts.live.reported(tenant, session, { beats: 0, stopped: false, now: parts.now() });
  return { status: 201, body: admission(parts, call, { session, ticket }, decision) };
}

/** The tenant's rule for a start that nobody decided on in time. What it says is audited on `playback.decisions`. */
function failOrAllow(parts: GatewayParts, start: PlaybackHeartbeat): void {
  const { tenant, account, session, profile, device } = start;
  const refused = parts.settings.GATEWAY_FAIL_CLOSED_TENANTS.includes(tenant);
  const now = parts.now();
  const records = [parts.log.decision(uncheckedDecision(start, refused ? 'DENY' : 'ALLOW', now))];
  // The start is in the log, and nobody plays what was refused: without a stop it would hold a slot for a lease.
  if (refused) {
    const owner = { tenant, account, session, profile, device, reason: 'guard-unavailable' };
    records.push(parts.log.heartbeat(stopRecord(owner, now)));
  }
  // Not waited for: the viewer has waited for the guard already, and the start itself is stored.
  Promise.all(records).catch((error: unknown) => {
    parts.logger.error({ err: error, tenant, session }, 'an unchecked decision could not be stored');
  });
  if (refused) {
    parts.metrics.admissions.add('unchecked-refuse');
    throw new GuardUnavailableError('may this stream start');
  }
  parts.metrics.admissions.add('unchecked-allow');
  parts.logger.warn({ tenant, session }, 'a stream was admitted unchecked');
}

function admission(
  parts: GatewayParts,
  call: Call,
  { session, ticket }: { readonly session: string; readonly ticket: string },
  decision: AdmissionDecision | undefined,
): object {
  const { HEARTBEAT_INTERVAL_MS, HEARTBEAT_GRACE_MS, HEARTBEAT_MAX_MISSED } = parts.settings;
  return {
    sessionId: session,
    ticket,
    decision: 'allow',
    checked: decision !== undefined,
    heartbeat: {
      intervalMs: HEARTBEAT_INTERVAL_MS,
      graceMs: HEARTBEAT_GRACE_MS,
      maxMissed: HEARTBEAT_MAX_MISSED,
    },
    usage: decision?.usage ?? { current: null, max: null },
    cmcdUrl: cmcdUrl(call, ticket, parts.settings),
    serverTime: parts.now(),
  };
}

function denial({ usage, conflicts, retryAfterMs = 0, reason }: AdmissionDecision): Error {
  return problem(409, 'concurrency-limit', {
    title: 'Too many streams',
    detail: `${usage.current} of ${usage.max} streams are in use.`,
    headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
    members: { decision: 'deny', ...(reason === undefined ? {} : { reason }), usage, conflicts, retryAfterMs },
  });
}

function sessionOf(parts: GatewayParts, viewer: ViewerIdentity, body: PlaybackSessionBody): TicketClaims {
  const { tenant, account, profile, device } = viewer;
  return {
    tenant,
    account,
    profile,
    device,
    session: randomUUID(),
    content: body.contentId,
    kind: findKind(body.kind),
    ...(body.title === undefined ? {} : { title: body.title }),
    intervalMs: parts.settings.HEARTBEAT_INTERVAL_MS,
  };
}

function refuseEmail(contentId: string): void {
  if (!looksLikeEmail(contentId)) return;
  throw problem(400, 'body-invalid', {
    detail: '/contentId looks like an e-mail address; allowed are opaque ids.',
    errors: [{ pointer: '/contentId', code: 'email', detail: 'looks like an e-mail address' }],
  });
}
