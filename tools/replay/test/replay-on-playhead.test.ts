import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PATIENT, startPlayhead } from '../../start/src/playhead-process.ts';
import type { PlayheadProcess } from '../../start/src/playhead-process.ts';

// A Playhead in processes of its own, and some seconds of recordings. `REPLAY_SPEED=1` gives them their real spacing (71 s).
jest.setTimeout(180_000);
const SPEED = process.env['REPLAY_SPEED'] ?? '8';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const FIXTURES = join(import.meta.dirname, '../fixtures/cmcd');

describe('recorded sessions on a running Playhead', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-replay-'));
  let playhead: PlayheadProcess | undefined;
  beforeAll(async () => {
    playhead = await startPlayhead({ dataDir, env: PATIENT });
  });
  afterAll(async () => {
    await playhead?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]) =>
    new Promise<{ result: Record<string, number>; err: string }>((resolve, reject) => {
      const env = { ...process.env, PLAYHEAD_DATA_DIR: dataDir };
      const child = spawn(process.execPath, [MAIN, '--gateway', playhead!.url, ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.on('close', (code) => {
        if (code === 0) resolve({ result: JSON.parse(out) as Record<string, number>, err });
        else reject(new Error(`exit code ${code}: ${err}`));
      });
    });

  it('of dash.js, hls.js and Shaka are all accepted, stay active to their end, and are counted once', async () => {
    const files = globSync('*.jsonl.gz', { cwd: FIXTURES }).map((file) => join(FIXTURES, file));
    const { result, err } = await run('--speed', SPEED, ...files);
    expect(result).toMatchObject({ posts: 735, refused: 0, lines: 791, distinctLines: 675, linesWithoutSid: 5 });
    expect(result['beats']! + result['events']!).toBe(result['distinctLines']);
    expect(err).toMatch(/[1-9]\d* looks at sessions under way, 0 of them not active/);
  });

  it('in the neutral format become beats and events of a player of ours', async () => {
    const session = (name: string): object[] => [
      { tMs: 0, session: name, event: 'sessionStart', content: 'film-1', kind: 'VOD', durationMs: 60_000 },
      { tMs: 0, session: name, event: 'play' },
      { tMs: 900, session: name, event: 'firstFrame' },
      { tMs: 900, session: name, event: 'bitrate', kbps: 2500, height: 720 },
      { tMs: 3_000, session: name, event: 'rebufferStart', positionMs: 2_100 },
      { tMs: 3_500, session: name, event: 'rebufferEnd', positionMs: 2_100 },
      ...[1, 2, 3].map((n) => ({
        tMs: n * 4_000,
        session: name,
        event: 'heartbeat',
        state: 'playing',
        positionMs: n * 3_500,
      })),
      { tMs: 12_500, session: name, event: 'seek', fromMs: 11_000, toMs: 40_000 },
      { tMs: 13_000, session: name, event: 'end', reason: 'stopped', positionMs: 40_500 },
    ];
    const file = join(dataDir, 'neutral.jsonl');
    const lines = ['a', 'b', 'c', 'd'].flatMap(session).map((event) => JSON.stringify(event));
    writeFileSync(file, lines.join('\n'));
    const { result } = await run('--speed', '10', '--parallel', '2', file);
    expect(result).toEqual({
      posts: 40,
      refused: 0,
      lines: 40,
      distinctLines: 40,
      linesWithoutSid: 0,
      beats: 16,
      events: 24,
    });
  });
});
