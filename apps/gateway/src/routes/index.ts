import { openApiDocument } from '../contract/openapi-document.ts';
import type { OpenApiDocument } from '../contract/openapi-document.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { getAccountStreams } from './get-account-streams.ts';
import { getDemoTokens } from './get-demo-tokens.ts';
import { getOpenApi } from './get-openapi.ts';
import { getOverview } from './get-overview.ts';
import { getPlaybackSession } from './get-playback-session.ts';
import { postCmcd } from './post-cmcd.ts';
import { postEvents } from './post-events.ts';
import { postHeartbeats } from './post-heartbeats.ts';
import { postPlaybackSession } from './post-playback-session.ts';
import { putEntitlement } from './put-entitlement.ts';
import { deletePlaybackSession, postStop } from './stop-playback-session.ts';

/** Version of the REST API, which only grows. */
const API_VERSION = '1.0.0';

/** Every route of the gateway; a new one is a file and a line here. */
export function createRoutes(parts: GatewayParts): readonly Route[] {
  let document: OpenApiDocument | undefined;
  const routes: readonly Route[] = [
    postPlaybackSession(parts),
    getPlaybackSession(parts),
    deletePlaybackSession(parts),
    postStop(parts),
    postHeartbeats(parts),
    postEvents(parts),
    postCmcd(parts),
    getAccountStreams(parts),
    putEntitlement(parts),
    getOverview(parts),
    getDemoTokens(parts),
    getOpenApi(() => (document ??= openApiDocument(routes, API_VERSION))),
  ];
  return routes;
}
