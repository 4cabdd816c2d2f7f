import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { filesLike, importsOf, packageOf, readJson, ROOT, workspaces } from '../src/repository.ts';
import type { PackageManifest } from '../src/repository.ts';

/** What a package may depend on; STYLE: boundaries. Apps are alike, tools may take anything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  '@playhead/kafka-protocol': [],
  '@playhead/stream-core': ['@playhead/kafka-protocol'],
  '@playhead/embedded-kafka': ['@playhead/kafka-protocol'],
  '@playhead/event-schemas': ['@playhead/stream-core'],
  '@playhead/service-kit': ['@playhead/stream-core'],
  '@playhead/playhead-client': [],
};
const ALLOWED_TO_APPS = ['@playhead/service-kit', '@playhead/event-schemas', '@playhead/stream-core'];
const TAG_OF_DIRECTORY: Readonly<Record<string, readonly string[]>> = {
  libs: ['type:lib', 'type:schema'],
  apps: ['type:app'],
  tools: ['type:tool'],
};

interface ProjectGraph {
  readonly nodes: Readonly<
    Record<string, { readonly data: { readonly root: string; readonly tags: readonly string[] } }>
  >;
  readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>>;
}

function projectGraph(): ProjectGraph {
  const directory = mkdtempSync(join(tmpdir(), 'playhead-graph-'));
  const file = join(directory, 'graph.json');
  try {
    const env = { ...process.env, NX_DAEMON: 'false', NX_CACHE_PROJECT_GRAPH: 'false', FORCE_COLOR: '0' };
    execFileSync(process.execPath, [join(ROOT, 'node_modules/.bin/nx'), 'graph', `--file=${file}`], {
      cwd: ROOT,
      env,
      stdio: 'pipe',
    });
    return (JSON.parse(readFileSync(file, 'utf8')) as { graph: ProjectGraph }).graph;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('the project graph', () => {
  let graph: ProjectGraph;
  beforeAll(() => {
    graph = projectGraph();
  }, 60_000);

  const typeOf = (project: string): string =>
    graph.nodes[project]?.data.tags.find((tag) => tag.startsWith('type:')) ?? 'none';

  it('has every package of the workspace, tagged as its directory says', () => {
    const nodes = Object.entries(graph.nodes);
    expect(nodes.map(([, { data }]) => data.root).sort()).toEqual(workspaces().map(({ directory }) => directory));
    const mistagged = nodes.filter(
      ([name, { data }]) => TAG_OF_DIRECTORY[data.root.split('/')[0] ?? '']?.includes(typeOf(name)) !== true,
    );
    expect(mistagged.map(([name]) => name)).toEqual([]);
  });

  it('has no edge across a boundary', () => {
    const crossing = Object.entries(graph.dependencies).flatMap(([from, targets]) => {
      const allowed = typeOf(from) === 'type:app' ? ALLOWED_TO_APPS : ALLOWED[from];
      if (typeOf(from) === 'type:tool') return [];
      return targets
        .filter(({ target }) => allowed?.includes(target) !== true)
        .map(({ target }) => `${from} → ${target}`);
    });
    expect(crossing).toEqual([]);
  });
});

describe('imports', () => {
  const manifests = [readJson('package.json') as PackageManifest, ...workspaces().map(({ manifest }) => manifest)];
  const anywhere = manifests.flatMap(({ name, dependencies, devDependencies }) => [
    name,
    ...Object.keys({ ...dependencies, ...devDependencies }),
  ]);

  it('are of packages that the package.json of their own package lists; tests may use whatever is listed anywhere', () => {
    const undeclared = workspaces().flatMap(({ directory, manifest }) => {
      const own = [manifest.name, ...Object.keys(manifest.dependencies ?? {})];
      return filesLike(`${directory}/{src,test}/**/*.ts`).flatMap((file) => {
        const declared = file.path.startsWith(`${directory}/test/`) ? anywhere : own;
        const missing = importsOf(file)
          .map(packageOf)
          .filter((name) => name !== undefined && !declared.includes(name));
        return missing.map((name) => `${file.path} imports ${name}`);
      });
    });
    expect(undeclared).toEqual([]);
  });

  it('of kafkajs are in libs/stream-core/src/kafka and in tools that look from outside only', () => {
    const allowed = ['libs/stream-core/src/kafka/', 'tools/integration/', 'tools/verify-concurrency/'];
    const elsewhere = filesLike('{libs,apps,tools}/*/src/**/*.ts').filter(
      (file) =>
        importsOf(file).some((name) => packageOf(name) === 'kafkajs') &&
        !allowed.some((folder) => file.path.startsWith(folder)),
    );
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  it('never reach into another package past its exports', () => {
    const reaching = filesLike('{libs,apps,tools}/*/src/**/*.ts').flatMap((file) => {
      const up = file.path.split('/').length - 2;
      return importsOf(file)
        .filter((name) => name.startsWith('../'.repeat(up)))
        .map((name) => `${file.path} imports ${name}`);
    });
    expect(reaching).toEqual([]);
  });

  it('are found by this check in every form', () => {
    const text = `import a from '@s/x0';\nimport { b,\n c } from "@s/x2/sub";\nexport { d } from './x3.ts';\nimport 'node:x4';\nawait import('./x5.ts');\nexport * from 'x6';`;
    expect(importsOf({ path: '', text })).toEqual(['@s/x0', '@s/x2/sub', './x3.ts', 'node:x4', './x5.ts', 'x6']);
    expect(['@s/x2/sub', 'x1/y', './x3.ts', 'node:x4'].map(packageOf)).toEqual(['@s/x2', 'x1', undefined, undefined]);
  });
});
