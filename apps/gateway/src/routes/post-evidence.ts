import {
  CONTENT_KINDS,
  EVIDENCE_RULES,
  evidenceEventId,
  evidenceKindOf,
  newPlaybackHeartbeat,
} from '@playhead/event-schemas';
import type { ContentKind, PlaybackHeartbeat } from '@playhead/event-schemas';
import { streamAttributesOf } from '../admission/stream-attributes.ts';
import { roleOf } from '../auth/credentials.ts';
import type { EvidenceBody } from '../contract/bodies.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { evidenceSchema } from '../contract/control-schemas.ts';
import { answers, oneOrMany, problems } from '../contract/openapi-parts.ts';
import { wordFinder } from '../contract/words.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { nextCohort } from '../http/next-cohort.ts';
import type { Route } from '../http/route.ts';
import { checkedBodyIds, refuseEmails } from './body-ids.ts';
import { jsonBody } from './json-body.ts';
import { tooMany } from './take-reports.ts';

const findKind = wordFinder<ContentKind>(CONTENT_KINDS);
const DAY_MS = 86_400_000;

const LIVES = Object.values(EVIDENCE_RULES)
  .map(({ word, timeToLiveMs }) => `${word} ${timeToLiveMs / 1000} s`)
  .join(', ');

/** `POST /v1/evidence`: what a back end sees of streams whose front end says nothing. */
export function postEvidence(parts: GatewayParts): Route {
  const validator = new BodyValidator<EvidenceBody>(evidenceSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('evidence'),
  });
  return {
    method: 'POST',
    path: '/v1/evidence',
    hot: true,
    operation: {
      operationId: 'postEvidence',
      tags: ['services'],
      summary: 'Report one sign of life of a stream, or up to 100',
      description: `Role service. What was seen keeps the stream alive for a while from then on (observedAt, else its receipt): ${LIVES}. What was seen longer ago than that is counted and keeps nothing alive. A session that nobody admitted is decided on like a start; the verdict on it is in the answer of what comes later, in its lookup and at the enforcement webhook. What policies read of the stream is what the first report of a session says that says any of it. Beats of the player, when they come, are merged with it. What is of an account that sends more than it may is not taken: its answer says \`refused\`; 429 only when nothing was taken.`,
      security: [{ token: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: oneOrMany('Evidence') } },
      },
      responses: {
        '200': answers('The verdict on each stream, as known by now.', oneOrMany('EvidenceAnswer')),
        ...problems(400, 401, 403, 413, 415, 429, 503),
      },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['service']);
      const bytes = await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES);
      await nextCohort();
      const body = parseJson(bytes);
      const items = validator.oneOrMany(body);
      checkedBodyIds(items, ['account', 'session', 'profile', 'device']);
      refuseEmails(items.map(({ contentId }) => contentId));
      const waits = items.map(({ account }) => parts.accountRate.take(`${tenant}/${account}`, 1, call.receivedAt));
      const taken = items.filter((_item, at) => waits[at] === 0);
      if (taken.length === 0) throw tooMany(parts, 'account', Math.min(...waits));
      if (taken.length < items.length) parts.metrics.rateLimited.add('account');
      await parts.log.beats(taken.map((item) => evidenceRecord(parts, tenant, item, call.receivedAt)));
      parts.metrics.reports.add('evidence', taken.length);
      const verdicts = items.map(({ account, session }, at) => ({
        ...verdictOn(parts, { tenant, account, session }),
        ...refusalOf(waits[at] ?? 0),
      }));
      return { status: 200, body: Array.isArray(body) ? verdicts : (verdicts[0] ?? {}) };
    },
  };
}

const refusalOf = (waitMs: number): object => (waitMs > 0 ? { refused: 'rate-limit', retryAfterMs: waitMs } : {});

function verdictOn(
  { blocked }: GatewayParts,
  owner: { readonly tenant: string; readonly account: string; readonly session: string },
): object {
  const { verdict = 'continue', reason, endedBy } = blocked.get(owner) ?? {};
  return {
    session: owner.session,
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...(endedBy === undefined ? {} : { endedBy }),
  };
}

function evidenceRecord(
  { instance }: GatewayParts,
  tenant: string,
  item: EvidenceBody,
  receivedAt: number,
): PlaybackHeartbeat {
  const { account, session, observedAt = receivedAt } = item;
  const kind = evidenceKindOf(item.kind);
  const speaksForMs = item.ttlMs ?? (kind === undefined ? DAY_MS : EVIDENCE_RULES[kind].timeToLiveMs);
  const ageMs = Math.max(0, receivedAt - observedAt);
  return newPlaybackHeartbeat({
    eventId: evidenceEventId({ session, kind: item.kind, id: item.id }),
    type: 'EVIDENCE',
    source: 'SERVICE',
    tenant,
    account,
    session,
    evidence: { kind: kind ?? 'UNKNOWN', countsAsEvent: false },
    receivedTime: receivedAt,
    eventTime: Math.min(receivedAt, Math.max(receivedAt - DAY_MS, observedAt)),
    late: ageMs >= speaksForMs,
    // It speaks from when it was seen on, not from when that was told.
    leaseMs: item.ttlMs === undefined && ageMs === 0 ? null : Math.max(0, speaksForMs - ageMs),
    profile: item.profile ?? null,
    device: item.device ?? null,
    ...streamAttributesOf(item),
    content: item.contentId ?? null,
    kind: findKind(item.contentKind),
    title: item.title ?? null,
    gateway: instance,
  });
}
