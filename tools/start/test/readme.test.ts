import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PATIENT, type PlayheadProcess, startPlayhead } from '../src/playhead-process.ts';

const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const START_TIMEOUT_MS = 90_000;

let readme = '';
let dataDir: string;
let playhead: PlayheadProcess;

beforeAll(async () => {
  readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  dataDir = await mkdtemp(join(tmpdir(), 'playhead-readme-'));
  playhead = await startPlayhead({ dataDir, env: PATIENT });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await playhead?.stop();
  await rm(dataDir, { recursive: true, force: true });
}, START_TIMEOUT_MS);

describe('the README', () => {
  it('starts a stream by hand with the lines it gives', () => {
    const lines = /```sh\n(TOKEN=[\s\S]*?)```/.exec(readme)?.[1];
    expect(lines).toBeDefined();
    const run = spawnSync('bash', ['-c', lines!.replaceAll('http://127.0.0.1:8080', playhead.url)], {
      cwd: repositoryRoot,
      env: { ...process.env, PLAYHEAD_DATA_DIR: dataDir },
    });
    expect(JSON.parse(run.stdout.toString())).toMatchObject({ decision: 'allow', usage: { current: 1, max: 2 } });
  });
});
