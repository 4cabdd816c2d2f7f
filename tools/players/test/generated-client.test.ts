import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { gatewayDocument } from '@playhead/gateway/openapi';
import { renderClient } from '@playhead/playhead-client/generator';
import type { ClientDocument } from '@playhead/playhead-client/generator';

const GENERATED = join(import.meta.dirname, '../../../libs/playhead-client/src/generated/playhead-api.ts');
/** What the formatter may change. */
const withoutLayout = (text: string): string => text.replaceAll(/[\s|;,()]+/g, '');

it('the TypeScript client is the one that the OpenAPI document of the gateway gives', () => {
  const rendered = renderClient(JSON.parse(JSON.stringify(gatewayDocument())) as ClientDocument);
  // A boolean, because what differs would be two files of 1,500 lines.
  expect(withoutLayout(readFileSync(GENERATED, 'utf8')) === withoutLayout(rendered)).toBe(true);
});
