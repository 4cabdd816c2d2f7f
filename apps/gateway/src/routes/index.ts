import { openApiDocument } from '../contract/openapi-document.ts';
import type { OpenApiDocument } from '../contract/openapi-document.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { getHistory, getUsage } from './account-lookups.ts';
import { deleteEntitlement, getEntitlement, putEntitlement } from './entitlement.ts';
import { getAccountStreams } from './get-account-streams.ts';
import { getAuthorization } from './get-authorization.ts';
import { getDecision } from './get-decision.ts';
import { getDemoTokens } from './get-demo-tokens.ts';
import { getOpenApi } from './get-openapi.ts';
import { getOverview } from './get-overview.ts';
import { getPlaybackSession } from './get-playback-session.ts';
import { getVerdictEvents } from './get-verdict-events.ts';
import { lookupPlaybackSessions } from './lookup-playback-sessions.ts';
import { deletePolicy, getPolicies, getPolicy, putPolicy } from './policies.ts';
import { postCmcd } from './post-cmcd.ts';
import { postDryRun } from './post-dry-run.ts';
import { postEvents } from './post-events.ts';
import { postEvidence } from './post-evidence.ts';
import { postHeartbeats } from './post-heartbeats.ts';
import { postPlaybackSession } from './post-playback-session.ts';
import { searchPlaybackSessions } from './search-playback-sessions.ts';
import { deletePlaybackSession, postStop } from './stop-playback-session.ts';
import { getTenantSettings, putTenantSettings } from './tenant-settings.ts';

/** Version of the REST API, which only grows. */
export const API_VERSION = '1.0.0';

/** Every route of the gateway; a new one is a file and a line here. */
export function createRoutes(parts: GatewayParts): readonly Route[] {
  let document: OpenApiDocument | undefined;
  const routes: readonly Route[] = [
    postPlaybackSession(parts),
    searchPlaybackSessions(parts),
    lookupPlaybackSessions(parts),
    getPlaybackSession(parts),
    getDecision(parts),
    deletePlaybackSession(parts),
    postStop(parts),
    postHeartbeats(parts),
    postEvents(parts),
    postCmcd(parts),
    postEvidence(parts),
    getAuthorization(parts),
    getAccountStreams(parts),
    getUsage(parts),
    getHistory(parts),
    getVerdictEvents(parts),
    postDryRun(parts),
    getEntitlement(parts),
    putEntitlement(parts),
    deleteEntitlement(parts),
    getPolicies(parts),
    getPolicy(parts),
    putPolicy(parts),
    deletePolicy(parts),
    getTenantSettings(parts),
    putTenantSettings(parts),
    getOverview(parts),
    getDemoTokens(parts),
    getOpenApi(() => (document ??= openApiDocument(routes, API_VERSION))),
  ];
  return routes;
}
