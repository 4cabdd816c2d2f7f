import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '4.32.5';
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Wrong are 5xx, and a status, a media type or a body that the document does not have. */
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
/** Streams of events do not end by themselves. */
const LEFT_OUT = 'getVerdictEvents';

/** How schemathesis is run. */
export interface SchemathesisOptions {
  readonly gateway: string;
  /** Examples of each operation. */
  readonly examples: number;
  readonly seed: number;
  /** A virtual environment of Python; schemathesis is installed there when it is not yet. */
  readonly environment: string;
  /** Where it may leave files. */
  readonly directory: string;
}

/** Lets schemathesis (PyPI) try every operation of the OpenAPI document as one caller, going on after failures, and prints its summary; with failures, everything it said. */
export function runSchemathesis(
  { gateway, examples, seed, environment, directory }: SchemathesisOptions,
  caller: string,
  headers: Readonly<Record<string, string>>,
): boolean {
  const st = join(environment, 'bin/st');
  if (!existsSync(st)) install(environment);
  const given = ['--checks', CHECKS, '--max-examples', String(examples), '--seed', String(seed)];
  const calm = ['--continue-on-failure', '--suppress-health-check', 'all', '--request-timeout', '30'];
  const parts = ['--phases', 'examples,coverage,fuzzing', '--exclude-operation-id', LEFT_OUT];
  const credentials = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['run', `${gateway}/openapi.json`, ...given, ...calm, ...parts, ...credentials];
  const { status, stdout, stderr } = spawnSync(st, args, {
    encoding: 'utf8',
    cwd: directory,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const summary = /={3,} SUMMARY ={3,}[\s\S]*/.exec(stdout)?.[0] ?? `${stdout}${stderr}`;
  console.log(
    `schemathesis as ${caller}: ${status === 0 ? 'no failure' : 'FAILED'}\n${status === 0 ? summary : stdout}`,
  );
  return status === 0;
}

function install(environment: string): void {
  run('python3', ['-m', 'venv', environment]);
  run(join(environment, 'bin/pip'), ['-q', 'install', `schemathesis==${VERSION}`]);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr ?? error?.message}`);
}
