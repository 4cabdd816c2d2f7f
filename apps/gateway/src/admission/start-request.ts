import { randomUUID } from 'node:crypto';
import { CONTENT_KINDS, MAX_STREAMS } from '@playhead/event-schemas';
import type { ContentKind, PlaybackHeartbeat } from '@playhead/event-schemas';
import { problem, TokenError } from '@playhead/service-kit';
import type { TicketClaims } from '@playhead/service-kit';
import type { Starter } from '../auth/credentials.ts';
import type { PlaybackSessionBody } from '../contract/bodies.ts';
import { bodyInvalid } from '../contract/body-validator.ts';
import { wordFinder } from '../contract/words.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { checkedBodyIds } from '../routes/body-ids.ts';
import { streamAttributesOf } from './stream-attributes.ts';
import type { RecordedAttributes } from './stream-attributes.ts';

const findKind = wordFinder<ContentKind>(CONTENT_KINDS);
/** What only a back end is believed: with these a viewer could free itself of every limit. */
const SERVICE_ONLY = ['exempt', 'downloaded', 'maxStreams'] as const;

/** What a START says that policies read. */
export type StartAttributes = RecordedAttributes & Pick<PlaybackHeartbeat, 'downloaded' | 'tokenMaxStreams' | 'end'>;

/** A start that is asked for. */
export interface StartRequest {
  readonly claims: TicketClaims;
  readonly attributes: StartAttributes;
}

/**
 * The start that a body asks for: identity from the token; for role service the tenant from the token and the rest from the
 * body. Throws a 400 or 403 problem.
 */
export function startOf(parts: GatewayParts, starter: Starter, body: PlaybackSessionBody): StartRequest {
  const owner = ownerOf(starter, body);
  return {
    claims: {
      ...owner,
      session: randomUUID(),
      content: body.contentId,
      kind: findKind(body.kind),
      ...(body.title === undefined ? {} : { title: body.title }),
      intervalMs: parts.rules.settingsOf(owner.tenant)?.heartbeatIntervalMs ?? parts.settings.HEARTBEAT_INTERVAL_MS,
    },
    attributes: {
      ...streamAttributesOf(body),
      downloaded: body.downloaded ?? false,
      tokenMaxStreams: tokenMaxStreams(starter, body),
      end: (body.terminationTokens ?? []).map((token, index) => endedBy(parts, owner, token, index)),
    },
  };
}

/** What the viewer's right allows, by its token or, for a back end, by the body. */
function tokenMaxStreams({ viewer }: Starter, { maxStreams }: PlaybackSessionBody): number | null {
  const given = viewer?.maxStreams ?? maxStreams;
  return given === undefined ? null : Math.min(given, MAX_STREAMS);
}

/** The session that a termination token ends. One that is not good is no 401: the caller's own token was. */
function endedBy({ terminations }: GatewayParts, owner: Owner, token: string, index: number): string {
  try {
    return terminations.verify(token, owner).session;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw problem(400, 'termination-refused', {
      detail: `${error.message}; a start without it gives new ones.`,
      errors: [{ pointer: `/terminationTokens/${index}`, code: error.code, detail: error.message }],
    });
  }
}

type Owner = Pick<TicketClaims, 'tenant' | 'account' | 'profile' | 'device'>;

function ownerOf({ viewer, service }: Starter, body: PlaybackSessionBody): Owner {
  if (service !== undefined) {
    const { account, profile, device } = body;
    if (account === undefined || profile === undefined || device === undefined) {
      const errors = (['account', 'profile', 'device'] as const).flatMap((name) =>
        body[name] === undefined ? [{ pointer: `/${name}`, code: 'required', detail: 'is missing' }] : [],
      );
      throw bodyInvalid(errors);
    }
    checkedBodyIds([{ account, profile, device }], ['account', 'profile', 'device']);
    return { tenant: service.tenant, account, profile, device };
  }
  const named = SERVICE_ONLY.find((name) => body[name] !== undefined);
  if (named !== undefined) {
    throw problem(403, 'role-needed', { detail: `Only a token of role service may say ${named}.` });
  }
  const { tenant, account, profile, device } = viewer;
  return { tenant, account, profile, device };
}
