import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPlayhead } from '@playhead/start/testing';
import type { PlayheadProcess } from '@playhead/start/testing';
import { hostileBody, randomOf } from './hostile-bodies.ts';

/**
 * `npm run fuzz:gateway`: a whole Playhead; schemathesis (PyPI, in a virtual environment of its own) over the OpenAPI
 * document with a token of each role and a ticket, going on after failures; then fuzzed bodies at every route that takes one,
 * the memory of the services watched. Ends with 1 for an answer of 5xx, a status that is not documented, or memory that grows.
 */
const MIB = 1024 * 1024;
/** What the services may grow by between the first tenth of the bodies and the end. */
const MAX_GROWTH_BYTES = 64 * MIB;
const CONNECTIONS = 32;
const VERSION = '4.32.5';

const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: '100000' },
    /** Examples of each operation, by schemathesis. */
    examples: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** A virtual environment that has schemathesis; without it one is made. */
    venv: { type: 'string' },
    'skip-schemathesis': { type: 'boolean', default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'playhead-fuzz-'));
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const owner = ['--tenant', 'demo', '--account', 'acc-1', '--profile', 'p-1', '--device', 'tv-1'];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly statuses: ReadonlySet<string>;
  readonly hasBody: boolean;
}

function schemathesis(playhead: PlayheadProcess, headers: readonly string[], name: string): boolean {
  const environment = values.venv ?? join(directory, 'venv');
  const st = join(environment, 'bin/st');
  if (!existsSync(st)) {
    run('python3', ['-m', 'venv', environment]);
    run(join(environment, 'bin/pip'), ['-q', 'install', `schemathesis==${VERSION}`]);
  }
  const checks = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
  const given = [
    `${playhead.url}/openapi.json`,
    '--checks',
    checks,
    '--continue-on-failure',
    '--max-examples',
    values.examples,
  ];
  const calm = ['--phases', 'examples,coverage,fuzzing', '--suppress-health-check', 'all', '--request-timeout', '30'];
  // Streams of events do not end by themselves.
  const left = ['--exclude-operation-id', 'getVerdictEvents'];
  const all = [
    'run',
    ...given,
    ...calm,
    ...left,
    '--seed',
    values.seed,
    ...headers.flatMap((header) => ['-H', header]),
  ];
  const { status, stdout, stderr } = spawnSync(st, all, { encoding: 'utf8', cwd: directory, maxBuffer: 64 * MIB });
  const summary = /={3,} SUMMARY ={3,}[\s\S]*/.exec(stdout)?.[0] ?? `${stdout}${stderr}`;
  console.log(`schemathesis ${name}: ${status === 0 ? 'no failure' : 'FAILED'}\n${status === 0 ? summary : stdout}`);
  return status === 0;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function post(
  operation: Operation,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: operation.method, headers: { ...headers, 'content-length': body.length } };
    const outgoing = request(url, options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    // A connection that was closed behind an answer may take the next request with it.
    outgoing.on('error', () => resolve(-1));
    outgoing.end(body);
  });
}

async function operations(playhead: PlayheadProcess): Promise<readonly Operation[]> {
  const document = (await (await fetch(`${playhead.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: object; requestBody?: object }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      statuses: new Set(Object.keys(responses)),
      hasBody: requestBody !== undefined,
    })),
  );
}

async function residentBytes(playhead: PlayheadProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${playhead.ports.gatewayAdmin}/metrics`)).text();
  return Number(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1] ?? Number.NaN);
}

async function fuzzBodies(playhead: PlayheadProcess, credentials: readonly Record<string, string>[]): Promise<boolean> {
  const random = randomOf(Number(values.seed));
  const targets = (await operations(playhead)).filter(({ hasBody }) => hasBody);
  const total = Number(values.bodies);
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const memory: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < total; at = next++) {
      const operation = targets[at % targets.length]!;
      const path = operation.path.replaceAll(/\{\w+\}/g, 'acc-1');
      const credential = credentials[Math.floor(random() * credentials.length)]!;
      const type = random() < 0.9 ? 'application/json' : 'text/plain';
      const body = hostileBody(random);
      const status = await post(operation, new URL(path, playhead.url), { 'content-type': type, ...credential }, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== -1 && (status >= 500 || !operation.statuses.has(String(status)))) {
        wrong.push(`${operation.method} ${operation.path} ${status}: ${body.toString('latin1').slice(0, 120)}`);
      }
      if (at % Math.ceil(total / 20) === 0) memory.push(await residentBytes(playhead));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  memory.push(await residentBytes(playhead));
  const warm = Math.max(...memory.slice(0, 3));
  const growth = memory.at(-1)! - warm;
  const sorted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`${total} fuzzed bodies (seed ${values.seed}): ${sorted.join(', ')}`);
  console.log(`resident memory of the services, MiB: ${memory.map((bytes) => Math.round(bytes / MIB)).join(' ')}`);
  console.log(
    `growth from the first tenth to the end: ${Math.round(growth / MIB)} MiB, allowed ${MAX_GROWTH_BYTES / MIB}`,
  );
  for (const line of wrong.slice(0, 20)) console.log(`WRONG ${line}`);
  console.log(`${wrong.length} answers of 5xx or of a status that is not documented`);
  return wrong.length === 0 && growth <= MAX_GROWTH_BYTES;
}

const playhead = await startPlayhead({ dataDir: join(directory, 'data'), env: { LOG_LEVEL: 'error' } });
try {
  const bearer = (role: string): Record<string, string> => ({
    authorization: `Bearer ${playhead.token(...owner, '--role', role)}`,
  });
  const ticket = { 'playback-ticket': playhead.token(...owner, '--ticket', '--content', 'film-1', '--kind', 'VOD') };
  const callers = { viewer: bearer('viewer'), service: bearer('service'), operator: bearer('operator'), ticket };
  let isClean = true;
  if (!values['skip-schemathesis']) {
    for (const [name, headers] of Object.entries(callers)) {
      const given = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
      isClean = schemathesis(playhead, given, `as ${name}`) && isClean;
    }
  }
  isClean = (await fuzzBodies(playhead, Object.values(callers))) && isClean;
  if (!isClean) process.exitCode = 1;
} finally {
  agent.destroy();
  await playhead.stop();
  await rm(directory, { recursive: true, force: true });
}
