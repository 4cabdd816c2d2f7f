import { describe, expect, it } from '@jest/globals';
import { exists, filesLike, ROOT, workspaces } from '../src/repository.ts';

const sources = filesLike('{libs,apps,tools}/*/src/**/*.ts');

/**
 * Exported names without a comment of their own. A comment at the head of the file counts for all of it, one over the
 * first of a group of one-line constants for the group, one over the first signature of a function for the others.
 */
function undocumentedExports(text: string): readonly string[] {
  if (text.startsWith('/**')) return [];
  const seen = new Set<string>();
  return [...text.matchAll(/^(.*)\n(?:export (?:async )?(?:function\*?|class|interface|const|type) (\w+))/gm)].flatMap(
    ([, before = '', name = '']) => {
      const documented = before.trimEnd().endsWith('*/') || before.startsWith('export const ') || seen.has(name);
      seen.add(name);
      return documented ? [] : [name];
    },
  );
}

describe('source files', () => {
  it('export names one by one, never `export *`', () => {
    expect(sources.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('have no default export', () => {
    expect(sources.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('have names that say something', () => {
    const vague = sources.filter(({ path }) => /\/(utils?|helpers?|common|misc|shared)\.ts$/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it('have a doc comment on every exported name', () => {
    const bare = sources.flatMap(({ path, text }) => undocumentedExports(text).map((name) => `${path}: ${name}`));
    expect(bare).toEqual([]);
  });

  it('would be found without one', () => {
    const text =
      '/** A. */\nexport const a = 1;\nexport const b = 2;\n\nexport const c = 3;\n\nexport function d() {}\n';
    expect(undocumentedExports(`import 'x';\n\n${text}`)).toEqual(['c', 'd']);
  });

  it('of a main are short, because only they have side effects', () => {
    const long = filesLike('apps/*/src/main.ts').filter(({ text }) => text.trimEnd().split('\n').length > 15);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("never name this machine's directories", () => {
    const files = filesLike('{libs,apps,tools,bench,docs}/**/*.{ts,js,json,md,html,css}');
    expect(files.filter(({ text }) => text.includes(`${ROOT}/`)).map(({ path }) => path)).toEqual([]);
  });
});

describe('an app', () => {
  const apps = workspaces()
    .map(({ directory }) => directory)
    .filter((directory) => directory.startsWith('apps/') && exists(`${directory}/src`));

  it.each(apps)('%s has a README, its files and a smoke test', (directory) => {
    // The gateway is no topology: its routes are a file each.
    const http = exists(`${directory}/src/routes`) ? 'src/routes' : 'src/http.ts';
    const wanted = ['README.md', 'src/config.ts', http, 'src/service.ts', 'src/main.ts', 'test/smoke.test.ts'];
    expect(wanted.filter((file) => !exists(`${directory}/${file}`))).toEqual([]);
  });
});
