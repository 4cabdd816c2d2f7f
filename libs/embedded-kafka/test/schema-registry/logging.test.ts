import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLogger } from '../../src/logger.ts';
import { startSchemaRegistry } from '../../src/schema-registry/start-schema-registry.ts';

test('a change of a compatibility level was logged with that level as its severity', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-registry-'));
  const lines: string[] = [];
  const registry = await startSchemaRegistry({
    dataDir,
    port: 0,
    logger: jsonLogger({ write: (line) => lines.push(line) }),
  });
  try {
    await fetch(`http://127.0.0.1:${registry.port}/config/one`, { method: 'PUT', body: '{"compatibility":"FULL"}' });
    const changes = lines.map((line) => JSON.parse(line) as object).filter((line) => 'subject' in line);
    expect(changes).toEqual([expect.objectContaining({ level: 'info', subject: 'one', compatibility: 'FULL' })]);
  } finally {
    await registry.close();
    rmSync(dataDir, { recursive: true });
  }
});
