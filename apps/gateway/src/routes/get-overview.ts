import { roleOf } from '../auth/credentials.ts';
import { answers, problems, ref } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';

/** `GET /v1/overview`: what the page at `/` shows, of the operator's own tenant. */
export function getOverview(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/overview',
    operation: {
      operationId: 'getOverview',
      tags: ['operators'],
      summary: 'What goes on at this gateway now',
      description: 'Figures to look at, counted by this instance; decisions and exact counts are the guard’s.',
      security: [{ token: [] }],
      responses: { '200': answers('The figures.', ref('Overview')), ...problems(401, 403, 503) },
    },
    async handle(call) {
      const { tenant } = await roleOf(call, parts.tokens, ['operator']);
      const serverTime = parts.now();
      return {
        status: 200,
        body: {
          ...parts.live.of(tenant, serverTime),
          dataDirectoryBytes: (await parts.dataDirectoryBytes()) ?? null,
          adminPort: parts.settings.GATEWAY_ADMIN_PORT,
          tenant,
          serverTime,
        },
      };
    },
  };
}
