import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { concurrencyGuard } from '@playhead/concurrency-guard';
import { enforcement } from '@playhead/enforcement';
import { gatewayService } from '@playhead/gateway';
import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit';
import type { SettingsShape } from '@playhead/service-kit';
import { exists, readJson, readText, ROOT } from '../src/repository.ts';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly env_file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface Prometheus {
  readonly scrape_configs: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
}

/** The parser that nx brings; YAML is read nowhere else. */
const yaml = createRequire(join(ROOT, 'node_modules/nx/package.json'))('yaml') as {
  parse(text: string, options: { readonly merge: boolean }): unknown;
};
const parse = (path: string): unknown => yaml.parse(readText(path), { merge: true });

const DEFINITIONS: Readonly<
  Record<string, { readonly name: string; readonly settings: SettingsShape; readonly adminPort: string }>
> = { gateway: gatewayService(), 'concurrency-guard': concurrencyGuard(), enforcement: enforcement() };

const { services, volumes: named } = parse('docker/compose.yaml') as Compose;
const ours = Object.entries(services).filter(([, { image }]) => image === 'playhead');

/** Names and values of a file for `env_file`. */
function variables(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
}

describe('docker/README.md', () => {
  let directory: string;
  let secrets: Readonly<Record<string, string>>;
  let token: string;
  const dataDir = (): string => join(directory, '.data');

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'playhead-docker-'));
    mkdirSync(join(directory, 'docker'));
    const [keys = '', issuer = ''] = [...readText('docker/README.md').matchAll(/```sh\n(.*?)```/gs)].map(
      ([, commands = '']) => commands,
    );
    const node = dirname(process.execPath);
    const env = { ...process.env, PATH: `${node}${delimiter}${process.env['PATH']}`, PLAYHEAD_DATA_DIR: dataDir() };
    const script = `${keys}\n${issuer}`.replace('npm run', `npm --prefix '${ROOT}' run`);
    token = execFileSync('bash', ['-euc', script], { cwd: directory, env, encoding: 'utf8' }).trim();
    secrets = variables(readFileSync(join(directory, 'docker/secrets.env'), 'utf8'));
  }, 30_000);
  afterAll(() => rmSync(directory, { recursive: true }));

  it('has commands that make the secrets which the example names', () => {
    const example = variables(readText('docker/secrets.env.example'));
    expect(Object.keys(secrets).sort()).toEqual(Object.keys(example).sort());
    expect(Object.values(example)).toEqual(['', '', '']);
  });

  it.each(ours)('makes secrets with which %s starts', (name, { environment = {} }) => {
    const definition = DEFINITIONS[name]!;
    const all = { ...sharedSettings, ...definition.settings };
    const env = { ...secrets, ...environment };
    expect(Object.keys(env).filter((variable) => !(variable in all))).toEqual([]);
    expect(loadSettings(all, env)).toMatchObject({ BIND_ADDRESS: '0.0.0.0' });
    expect(() => createServiceIdentity(name, loadSettings(sharedSettings, environment))).toThrow('AUTH_ISSUERS');
  });

  it('makes a token that the services accept', async () => {
    const environment = services['gateway']?.environment ?? {};
    const identity = createServiceIdentity('gateway', loadSettings(sharedSettings, { ...secrets, ...environment }));
    await expect(identity.tokens.verify(token)).resolves.toMatchObject({ tenant: 'demo', roles: ['operator'] });
  });
});

describe('docker/compose.yaml', () => {
  it('runs every app from its own main.ts', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(Object.keys(DEFINITIONS).sort());
    for (const [name, { command }] of ours) {
      // Before the program only options of Node.
      expect(command?.filter((part) => !part.startsWith('--'))).toEqual([`apps/${name}/src/main.ts`]);
    }
    expect(ours.filter(([name]) => !exists(`apps/${name}/src/main.ts`))).toEqual([]);
  });

  it('opens ports on 127.0.0.1 only', () => {
    const ports = Object.values(services).flatMap(({ ports: opened = [] }) => opened);
    expect(ports.length).toBeGreaterThan(5);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('gives the gateway a place for its disk queue: its files were all read only, so it did not start', () => {
    const { environment = {}, read_only: readOnly, volumes = [] } = services['gateway']!;
    const { PLAYHEAD_DATA_DIR: directory } = loadSettings(sharedSettings, environment);
    expect(readOnly).toBe(true);
    const [volume] = volumes.find((mounted) => mounted.endsWith(`:${directory}`))?.split(':') ?? [];
    expect(Object.keys(named)).toContain(volume);
    const dockerfile = readText('docker/Dockerfile');
    const workdir = /^WORKDIR (.*)$/m.exec(dockerfile)?.[1];
    const own = directory.replace(`${workdir}/`, '');
    expect(dockerfile).toContain(`RUN mkdir ${own} && chown node:node ${own}\nUSER node\n`);
  });

  it('looks at the health of every service, those of ours at their admin port', () => {
    const blind = Object.entries(services).filter(([, { healthcheck }]) => healthcheck === undefined);
    expect(blind.map(([name]) => name)).toEqual([]);
    for (const [name, { environment, healthcheck }] of ours) {
      const port = environment?.[DEFINITIONS[name]!.adminPort];
      expect(healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${port}/health/ready`);
    }
  });

  it('names services where it names a host', () => {
    const waitedFor = Object.values(services).flatMap(({ depends_on: others = {} }) => Object.keys(others));
    const addressed = ours.flatMap(([, { environment = {} }]) => {
      const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CONCURRENCY_GUARD_URL, ADVERTISED_HOST } = environment;
      const urls = [SCHEMA_REGISTRY_URL, CONCURRENCY_GUARD_URL].filter((url) => url !== undefined);
      return [KAFKA_BROKERS?.split(':')[0], ADVERTISED_HOST, ...urls.map((url) => new URL(url).hostname)];
    });
    const hosts = [...waitedFor, ...addressed.filter((host) => host !== undefined)];
    expect(hosts.filter((host) => !(host in services))).toEqual([]);
  });

  it('shows Prometheus the admin port of every app', () => {
    const { scrape_configs: jobs } = parse('docker/prometheus.yml') as Prometheus;
    const targets = jobs.flatMap(({ static_configs: groups }) => groups.flatMap((group) => group.targets));
    const expected = ours.map(([name, { environment }]) => `${name}:${environment?.[DEFINITIONS[name]!.adminPort]}`);
    expect([...targets].sort()).toEqual(expected.sort());
  });
});

describe('docker/Dockerfile', () => {
  it('has the version of Node that the repository has', () => {
    const { devDependencies } = readJson('package.json') as { devDependencies: Record<string, string> };
    expect(readText('docker/Dockerfile')).toContain(`ARG NODE_VERSION=${devDependencies['node']}\n`);
  });
});
