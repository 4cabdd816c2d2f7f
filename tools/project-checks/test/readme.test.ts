import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readText, ROOT } from '../src/repository.ts';

const BEGIN = '<!-- settings: npm start -- --describe-settings -->';
const END = '<!-- end of settings -->';
const readme = readText('README.md');

describe('README.md', () => {
  it('shows the settings as they are', () => {
    const table = readme.slice(readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)).trim();
    const main = join(ROOT, 'tools/start/src/main.ts');
    expect(table).toBe(execFileSync(process.execPath, [main, '--describe-settings'], { encoding: 'utf8' }).trim());
  });

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const texts = [readme, readText('ARCHITECTURE.md')];
    const named = texts.flatMap((text) =>
      [...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map((match) => match[1] ?? ''),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
