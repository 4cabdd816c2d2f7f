import { openApiDocument } from './contract/openapi-document.ts';
import type { OpenApiDocument } from './contract/openapi-document.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { API_VERSION, createRoutes } from './routes/index.ts';

/** The OpenAPI document, without a gateway that runs: routes touch their parts only when they are asked. */
export function gatewayDocument(): OpenApiDocument {
  return openApiDocument(createRoutes({} as GatewayParts), API_VERSION);
}
