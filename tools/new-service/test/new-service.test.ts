import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readServiceName, renamed } from '../src/service-names.ts';
import { writeService } from '../src/write-service.ts';

jest.setTimeout(120_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'node_modules/.bin');

describe('the name of a service', () => {
  it('is written in four ways', () => {
    expect(readServiceName('resume-position2')).toEqual({
      kebab: 'resume-position2',
      camel: 'resumePosition2',
      pascal: 'ResumePosition2',
      upper: 'RESUME_POSITION2',
    });
    expect(renamed('SERVICE_NAME ServiceName serviceName service-name', readServiceName('a-b'))).toBe('A_B AB aB a-b');
  });

  it.each([undefined, '', 'Trending', '-a', 'a-', 'a--b', '2a', '../a', 'a b', 'x'.repeat(41)])('is not %s', (name) => {
    expect(() => readServiceName(name)).toThrow('allowed are words of a-z and 0-9 joined by -');
  });
});

describe('npm run new:service', () => {
  /** A workspace beside this one with the same dependencies, so that nothing in this one changes while it is tested. */
  const workspace = mkdtempSync(join(tmpdir(), 'playhead-new-service-'));
  afterAll(() => rmSync(workspace, { recursive: true }));
  let files: readonly string[];

  beforeAll(() => {
    for (const file of ['jest.preset.js', '.oxlintrc.json', '.oxfmtrc.json']) {
      copyFileSync(join(ROOT, file), join(workspace, file));
    }
    // The libraries' own declarations are part of the repository's program, not of an import.
    const include = ['apps/*/src', 'apps/*/test', join(ROOT, 'libs/*/src/**/*.d.ts')];
    writeFileSync(join(workspace, 'tsconfig.json'), JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include }));
    writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }');
    symlinkSync(join(ROOT, 'node_modules'), join(workspace, 'node_modules'));
    const config = 'apps/gateway/src/config.ts';
    mkdirSync(join(workspace, 'apps/gateway/src'), { recursive: true });
    copyFileSync(join(ROOT, config), join(workspace, config));
    files = writeService(readServiceName('audience-share'), workspace);
    // A word of the language, and one of the template's own names: as good as any other.
    for (const name of ['export', 'routes']) writeService(readServiceName(name), workspace);
    rmSync(join(workspace, 'apps/gateway'), { recursive: true });
  });

  const run = (program: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(BIN, program), ...args], {
      cwd: workspace,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };

  it('writes an app with everything that an app has, and nothing of the template left in it', () => {
    expect(files.map((file) => file.replace('apps/audience-share/', ''))).toEqual([
      'README.md',
      'jest.config.js',
      'package.json',
      'src/config.ts',
      'src/http.ts',
      'src/main.ts',
      'src/service.ts',
      'src/topology.ts',
      'test/smoke.test.ts',
      'test/topology.test.ts',
    ]);
    const text = files.map((file) => readFileSync(join(workspace, file), 'utf8')).join('\n');
    expect(text).not.toMatch(/service-?name|SERVICE_NAME|65535/i);
    expect(text).toContain("port('Port of health, metrics and internal calls of audience-share.', 8091)");
  });

  it('costs fewer than 100 lines of code', () => {
    const code = files
      .filter((file) => file.includes('/src/'))
      .map((file) => readFileSync(join(workspace, file), 'utf8'));
    expect(
      code
        .join('')
        .split('\n')
        .filter((line) => line.trim() !== '').length,
    ).toBeLessThan(100);
  });

  it.each([
    ['type-checked', 'tsc', ['-p', '.']],
    ['linted', 'oxlint', ['--type-aware', '--deny-warnings', 'apps']],
    ['well formatted', 'oxfmt', ['--check', 'apps']],
  ])('is %s', (_what, program, args) => {
    const { status, output } = run(program, ...args);
    expect(status === 0 ? '' : output).toBe('');
  });

  it('passes its tests', () => {
    const jestProgram = join(ROOT, 'node_modules/jest/bin/jest.js');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--experimental-vm-modules', '--no-warnings', jestProgram, '--config', 'apps/audience-share/jest.config.js'],
      {
        cwd: workspace,
        encoding: 'utf8',
      },
    );
    expect(status === 0 ? '' : stderr).toBe('');
    expect(stderr).toMatch(/Tests: +6 passed, 6 total/);
  });

  it.each([[['--help']], [['audience-share', '--help']]])(
    'took --help for a name: %j prints the usage and writes nothing',
    (args) => {
      const main = join(import.meta.dirname, '../src/main.ts');
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^npm run new:service -- NAME\n[\s\S]*words of a-z and 0-9 joined by -/);
      expect(existsSync(join(ROOT, 'apps/audience-share'))).toBe(false);
    },
  );

  it('refuses a name that is taken, or none', () => {
    expect(() => writeService(readServiceName('audience-share'), workspace)).toThrow(
      'apps/audience-share is there already',
    );
    const main = join(import.meta.dirname, '../src/main.ts');
    const { status, stderr } = spawnSync(process.execPath, [main, 'gateway'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, 'apps/gateway is there already\nnpm run new:service -- NAME\n']);
    expect(() => execFileSync(process.execPath, [main], { stdio: 'pipe' })).toThrow();
  });
});
