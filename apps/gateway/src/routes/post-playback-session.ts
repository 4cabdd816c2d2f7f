import { admit } from '../admission/admit.ts';
import { startOf } from '../admission/start-request.ts';
import type { PlaybackSessionBody } from '../contract/bodies.ts';
import { playbackSessionSchema } from '../contract/body-schemas.ts';
import { BodyValidator, parseJson } from '../contract/body-validator.ts';
import { answers, problems, ref, requestBody, RETRY_LATER } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { starterOf } from '../auth/credentials.ts';
import { refuseEmails } from './body-ids.ts';
import { jsonBody } from './json-body.ts';
import { tooMany } from './take-reports.ts';

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
        'The start is written to the log, and the decision on it, in the order of the log, is the answer. When the guard does not answer within 2 s, or Kafka takes nothing, the fail rule of policies and tenant decides, and the answer says `checked: false`. A refusal with `actions` that has `terminate` lists conflicts with termination tokens: the same request with some of them ends those streams and starts. With a token of role service a back end asks for a front end that does not: the body then names account, profile and device.',
      security: [{ token: [] }],
      requestBody: requestBody('PlaybackSession'),
      responses: {
        '201': answers('The stream may start.', ref('PlaybackSessionAnswer')),
        '409': {
          description: 'The account already watches as much as it may.',
          headers: RETRY_LATER,
          content: { 'application/problem+json': { schema: ref('DenyProblem') } },
        },
        ...problems(400, 401, 403, 413, 415, 429, 503),
      },
    },
    async handle(call) {
      const starter = await starterOf(call, parts.tokens);
      const body = validator.one(parseJson(await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES)));
      refuseEmails([body.contentId]);
      const start = startOf(parts, starter, body);
      const { tenant, account } = start.claims;
      const waitMs = parts.accountRate.take(`${tenant}/${account}`, 1, call.receivedAt);
      if (waitMs > 0) throw tooMany(parts, 'account', waitMs);
      return admit(parts, call, start);
    },
  };
}
