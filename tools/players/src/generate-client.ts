import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatewayDocument } from '@playhead/gateway/openapi';
import { renderClient } from '@playhead/playhead-client/generator';
import type { ClientDocument } from '@playhead/playhead-client/generator';

/** `npm run generate:client`: writes the TypeScript client anew from the gateway's OpenAPI document. */
const target = fileURLToPath(new URL('../../../libs/playhead-client/src/generated/playhead-api.ts', import.meta.url));
writeFileSync(target, renderClient(JSON.parse(JSON.stringify(gatewayDocument())) as ClientDocument));
const { status } = spawnSync('npx', ['oxfmt', target], { stdio: 'inherit' });
process.exitCode = status ?? 1;
