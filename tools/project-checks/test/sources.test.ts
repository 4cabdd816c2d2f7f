import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exists, filesLike, readText, ROOT, workspaces } from '../src/repository.ts';

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
      const documented = before.trimEnd().endsWith('*/') || /^export (const|type) /.test(before) || seen.has(name);
      seen.add(name);
      return documented ? [] : [name];
    },
  );
}

/** The names that the entries of the packages list, by the file that declares them. */
function publicNames(): readonly { readonly path: string; readonly names: readonly string[] }[] {
  const entries = workspaces().flatMap(({ directory, manifest }) =>
    Object.values(manifest.exports ?? {}).map((entry) => join(directory, entry)),
  );
  return entries.filter(exists).flatMap((entry) =>
    [...readText(entry).matchAll(/^export (?:type )?\{([^}]*)\} from '(\.[^']*)'/gm)].map(
      ([, list = '', from = '']) => ({
        path: join(dirname(entry), from),
        names: list.split(',').map((name) =>
          name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, ''),
        ),
      }),
    ),
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

  it('have a doc comment on every name that their package exports', () => {
    const bare = publicNames().flatMap(({ path, names }) => {
      const undocumented = undocumentedExports(readText(path));
      return names.filter((name) => undocumented.includes(name)).map((name) => `${path}: ${name}`);
    });
    expect(publicNames().flatMap(({ names }) => names).length).toBeGreaterThan(100);
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
