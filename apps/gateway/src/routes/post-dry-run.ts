import { CONTENT_KINDS } from '@playhead/event-schemas';
import type { ContentKind, TrialStart } from '@playhead/event-schemas';
import { streamAttributesOf } from '../admission/stream-attributes.ts';
import { accountInPath, roleOf } from '../auth/credentials.ts';
import type { DryRunBody } from '../contract/bodies.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { dryRunSchema } from '../contract/control-schemas.ts';
import { ACCOUNT_PATH, answers, problems, ref, requestBody } from '../contract/openapi-parts.ts';
import { wordFinder } from '../contract/words.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import type { Route } from '../http/route.ts';
import { checkedBodyIds } from './body-ids.ts';
import { jsonBody } from './json-body.ts';

const findKind = wordFinder<ContentKind>(CONTENT_KINDS);

/** `POST /v1/accounts/{account}/dry-run`: what a start would be answered now. */
export function postDryRun(parts: GatewayParts): Route {
  const validator = new BodyValidator<DryRunBody>(dryRunSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('dry-run'),
  });
  return {
    method: 'POST',
    path: '/v1/accounts/{account}/dry-run',
    operation: {
      operationId: 'postDryRun',
      tags: ['operators'],
      summary: 'Try a start without making it',
      description: 'Operators and services. Every rule of every policy is asked; nothing is written.',
      security: [{ token: [] }],
      parameters: [ACCOUNT_PATH],
      requestBody: requestBody('DryRun'),
      responses: {
        '200': answers('What it would be answered.', ref('Explanation')),
        ...problems(400, 401, 403, 404, 413, 415, 503),
      },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator', 'service']);
      const account = accountInPath(call);
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      checkedBodyIds([body], ['profile', 'device'], () => '');
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      const request = { tenant, account, start: trialOf(body), timeoutMs };
      return { status: 200, body: await askGuard('dry run', () => parts.guard.dryRun(request)) };
    },
  };
}

function trialOf(body: DryRunBody): TrialStart {
  const { appId: app, ...attributes } = streamAttributesOf(body);
  return {
    ...attributes,
    app,
    kind: findKind(body.kind),
    content: body.contentId ?? null,
    profile: body.profile ?? null,
    device: body.device ?? null,
    ...(body.downloaded === undefined ? {} : { downloaded: body.downloaded }),
    ...(body.maxStreams === undefined ? {} : { tokenMaxStreams: body.maxStreams }),
    ...(body.end === undefined ? {} : { end: body.end }),
  };
}
