import { problem } from '@playhead/service-kit';
import { answers, problems, ref } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Call, Route } from '../http/route.ts';

const DEMO_TENANT = 'demo';
const LIFE_MS = 3_600_000;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;

/**
 * `GET /demo/tokens`: tokens for the page, with the development key only. That key is refused beside brokers on other
 * machines; here the Host header must be a loopback name too, so that no page of another site reaches it under a name
 * that it lets point to this machine, and the answer carries no CORS header.
 */
export function getDemoTokens(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/demo/tokens',
    operation: {
      operationId: 'getDemoTokens',
      tags: ['operators'],
      summary: 'Tokens for trying it out',
      description: 'Exists with the development key only; otherwise 404.',
      security: [],
      parameters: [
        { name: 'account', in: 'query', description: 'For a viewer token: the account.', schema: { type: 'string' } },
        { name: 'device', in: 'query', description: 'For a viewer token: the device.', schema: { type: 'string' } },
      ],
      responses: { '200': answers('The tokens.', ref('DemoTokens')), ...problems(400, 404) },
    },
    async handle(call) {
      const { development } = parts;
      if (development === undefined || !LOOPBACK_HOST.test(call.headers.host ?? '')) {
        throw problem(404, 'path-unknown', { detail: 'Demo tokens exist with the development key only.' });
      }
      const viewer = await viewerToken(development, call);
      const operator = await development.signToken({ tenant: DEMO_TENANT, roles: ['operator'], lifeMs: LIFE_MS });
      return { status: 200, body: { tenant: DEMO_TENANT, operator, ...(viewer === undefined ? {} : { viewer }) } };
    },
  };
}

async function viewerToken(
  development: NonNullable<GatewayParts['development']>,
  call: Call,
): Promise<string | undefined> {
  const account = call.query.get('account') ?? '';
  if (account === '') return undefined;
  const device = call.query.get('device') ?? 'page';
  try {
    return await development.signToken({
      tenant: DEMO_TENANT,
      account,
      profile: 'demo',
      device,
      roles: ['viewer'],
      lifeMs: LIFE_MS,
    });
  } catch (cause) {
    throw problem(400, 'account-invalid', { detail: cause instanceof Error ? cause.message : 'no account id', cause });
  }
}
