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

/** What a block of the README prints when it is typed. */
function typed(...blocks: readonly string[]): string {
  const run = spawnSync('bash', ['-c', blocks.join('\n').replaceAll('http://127.0.0.1:8080', playhead.url)], {
    cwd: repositoryRoot,
    env: { ...process.env, PLAYHEAD_DATA_DIR: dataDir },
  });
  return run.stdout.toString();
}

const block = (beginsWith: string): string =>
  new RegExp(`\`\`\`sh\n(${beginsWith}[\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? 'exit 1';
/** The line that makes the token of an operator. */
const operator = (): string => /^OPERATOR=.*$/m.exec(readme)?.[0] ?? 'exit 1';
/** Answers without what is another one each time: numbers and ids of sessions. */
const shapes = (lines: string): readonly unknown[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll(/-?\b\d+\b(?=[,}\]])/g, '0').replaceAll(/[0-9a-f-]{36}/g, 'uuid')));

describe('the README', () => {
  it('lets two devices of an account start, and not a third', () => {
    const answers = typed(block('for DEVICE')).trim().split('\n');
    expect(answers.map((line) => line.slice(-3))).toEqual(['201', '201', '409']);
    expect(answers.map((line) => JSON.parse(line.slice(0, -3)) as object)).toMatchObject([
      { decision: 'allow', usage: { current: 1, max: 2 } },
      { decision: 'allow', usage: { current: 2, max: 2 } },
      { conflicts: [{ device: 'tv-1' }, { device: 'tv-2' }] },
    ]);
  });

  it('shows what a beat, a lookup, a policy and a dry run are answered, as it is printed', () => {
    const shown = /\nprints\n\n```\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const printed = shapes(typed(block('TOKEN=')));
    expect(printed).toHaveLength(4);
    expect(printed).toEqual(shapes(shown));
  });

  it('asks what an operator asks, gives an account more streams and takes them back', () => {
    const printed = typed(block('TOKEN='), 'echo ----', block('ACCOUNT=')).split('----\n')[1] ?? '';
    const answers = printed.trim().split('\n');
    const [set = '', shown = '', takenBack] = answers.splice(-3);
    expect([set, takenBack]).toEqual(['204', '204']);
    expect(JSON.parse(shown)).toMatchObject({ plan: 'family', maxStreams: 4, updatedBy: 'operator' });
    expect(answers.map((line) => JSON.parse(line) as object)).toMatchObject([
      { streams: [{ device: 'tv-1' }] },
      { plan: 'default', streams: 1, rules: [{ policy: 'plan-limit' }] },
      { entries: expect.arrayContaining([expect.objectContaining({ type: 'ADMISSION', decision: 'allow' })]) },
      { decision: 'allow' },
    ]);
  });

  it('lets a viewer choose what to end, and tells of it while it happens', () => {
    // Heard for as long as a busy machine needs, and no longer than until it has come.
    const heard = block('curl -sN')
      .replace('-m 10', '-m 120')
      .replace(' &\n', " 2>/dev/null | sed '/viewer-choice/q' &\n");
    const lines = typed(operator(), heard).split('\n');
    const answers = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object);
    expect(answers).toMatchObject([
      { status: 409, actions: ['terminate', 'retry'], conflicts: [{ device: 'tv-1' }, { device: 'tv-2' }] },
      { decision: 'allow' },
    ]);
    const told = lines.filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)) as object);
    expect(told).toContainEqual(
      expect.objectContaining({ verdict: 'stop', reason: 'viewer-choice', endedBy: 'viewer' }),
    );
  });

  it('takes evidence of a back end and looks sessions up, as it is shown', () => {
    const shown = /\nanswers\n\n```\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    // A lookup may be too early for what was just reported.
    let printed = shapes(typed(block('SERVICE=')));
    for (const deadline = Date.now() + 20_000; JSON.stringify(printed[1]).includes('[null') && Date.now() < deadline;) {
      printed = shapes(typed(block('SERVICE=')));
    }
    expect(printed).toEqual(shapes(shown));
  });
});
