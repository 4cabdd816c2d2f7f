import type { Route } from '../http/route.ts';
import { answerSchemas } from './answer-schemas.ts';
import { entitlementSchema, eventSchema, heartbeatSchema, playbackSessionSchema } from './body-schemas.ts';
import { dryRunSchema, evidenceSchema, lookupSchema, policySchema, tenantSettingsSchema } from './control-schemas.ts';
import { COMMON_RESPONSES } from './openapi-parts.ts';
import type { JsonSchema, Operation } from './openapi-types.ts';

/** The OpenAPI 3.1 document of the routes, with the schemas by which their bodies are checked. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

const DESCRIPTION = `Players ask before they play, beat while they play, and are told in the answer whether the stream may go on.

A JWT says who asks; a ticket, given at admission, says whose session reports. Nothing about identity is taken from a body.
Roles of a JWT: viewer speaks for its account, operator for its tenant, service for a back end of the tenant; analyst reads policies and entitlements.
Fields that a schema does not name and query parameters that an operation does not name are ignored, words that it does not know are taken as UNKNOWN. Times are milliseconds UTC.
Errors are problem documents (RFC 9457); an address that is none of these paths is 404, /problems/path-unknown.`;

/** Builds the document from the list of routes, so that none can be missing. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const { path, method, operation } of routes) {
    const responses = { ...operation.responses, ...COMMON_RESPONSES };
    (paths[path] ??= {})[method.toLowerCase()] = { ...operation, responses };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Playhead gateway', version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: [
      { name: 'players', description: 'What players call.' },
      { name: 'lookups', description: 'What front ends and operators ask.' },
      { name: 'services', description: 'What back ends tell and ask.' },
      { name: 'operators', description: 'What operators change and watch.' },
    ],
    paths,
    components: {
      schemas: {
        Heartbeat: heartbeatSchema,
        Event: eventSchema,
        PlaybackSession: playbackSessionSchema,
        Entitlement: entitlementSchema,
        Evidence: evidenceSchema,
        Lookup: lookupSchema,
        DryRun: dryRunSchema,
        Policy: policySchema,
        TenantSettings: tenantSettingsSchema,
        ...answerSchemas,
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        ticket: { type: 'apiKey', in: 'header', name: 'Playback-Ticket' },
        ticketQuery: { type: 'apiKey', in: 'query', name: 'ticket' },
      },
    },
  };
}
