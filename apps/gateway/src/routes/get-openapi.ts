import { answers } from '../contract/openapi-parts.ts';
import type { OpenApiDocument } from '../contract/openapi-document.ts';
import type { Route } from '../http/route.ts';

/** `GET /openapi.json`. The document lists this route too, so it is asked for when needed. */
export function getOpenApi(document: () => OpenApiDocument): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    cors: true,
    operation: {
      operationId: 'getOpenApi',
      tags: ['lookups'],
      summary: 'This document',
      security: [],
      responses: { '200': answers('OpenAPI 3.1.', { type: 'object' }) },
    },
    handle: () => ({ status: 200, body: document() }),
  };
}
