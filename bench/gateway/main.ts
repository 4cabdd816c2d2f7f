import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine } from '@playhead/chaos-streams/testing';
import { freePlayheadPorts } from '@playhead/start/testing';
import { treeCpuSeconds } from '../cpu-time.ts';
import { percentile } from '../percentile.ts';
import { pinning } from '../pinning.ts';

/**
 * `npm run bench:gateway`: beats per CPU-second of the gateway with everything on (ticket, validation, rate, verdict,
 * Avro, batch, acknowledged by Kafka) beside a bare node:http that echoes the same body, by turns. Only the contestant's
 * own process counts; the broker and the load have theirs.
 */
const BEATS_A_POST = 20;
/** The compiler is at work until about so long under load; before that it costs more than the beats. */
const WARM_UP_SECONDS = '12';
const READY_TIMEOUT_MS = 30_000;
const REPOSITORY = join(import.meta.dirname, '../..');
/** The load comes from few accounts and sessions at a rate that no player has. */
const UNLIMITED = '100000000';

const HELP = `Beats per CPU-second of the gateway with everything on, beside a bare node:http that echoes the same body, by turns.

Usage: npm run bench:gateway -- [options]

  --rounds N         of each contestant (9)
  --seconds N        of a round (3)
  --connections N    a player has one of its own (256)
  --profile FILE     the gateway writes its CPU profile there when it ends
  --help             this text

Each line: beats per CPU-second of the echo, of single beats (and as a multiple of the echo's), and of ${BEATS_A_POST} beats in one post (as a
multiple of single ones). The last lines are the medians, least and most of the rounds. Exit code 1: a goal was missed, or a request refused.`;

const values = commandLine(HELP, {
  rounds: { type: 'string', default: '9' },
  seconds: { type: 'string', default: '3' },
  /** A player has one of its own, so a gateway has thousands; fewer, and most beats come alone. */
  connections: { type: 'string', default: '256' },
  /** A file into which the gateway writes its CPU profile when it ends. */
  profile: { type: 'string' },
});
const cores = pinning();
const children: ChildProcess[] = [];
const dataDir = await mkdtemp(join(tmpdir(), 'playhead-bench-gateway-'));
const ports = await freePlayheadPorts();

function start(wrap: readonly string[], args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const [command, ...rest] = [...wrap, process.execPath, ...args];
  const child = spawn(command!, rest, {
    cwd: REPOSITORY,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

const linesOf = (child: ChildProcess): AsyncIterator<string> =>
  createInterface({ input: child.stdout! })[Symbol.asyncIterator]();

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Error('a process of the benchmark ended');
  return line.value;
}

async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > giveUpAt) throw new Error(`${url} was not ready after ${READY_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || !child.kill('SIGTERM')) return;
  await exited;
}

try {
  const { kafka, registry, gateway: gatewayPort, gatewayAdmin } = ports;
  start(cores.load, ['libs/embedded-kafka/src/main.ts'], {
    PLAYHEAD_DATA_DIR: dataDir,
    KAFKA_PORT: String(kafka),
    SCHEMA_REGISTRY_PORT: String(registry),
  });
  await untilReady(`http://127.0.0.1:${registry}/subjects`);
  const profiling =
    values.profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${dirname(values.profile)}`, `--cpu-prof-name=${basename(values.profile)}`];
  const gateway = start(cores.underTest, [...profiling, 'apps/gateway/src/main.ts'], {
    PLAYHEAD_DATA_DIR: dataDir,
    KAFKA_BROKERS: `127.0.0.1:${kafka}`,
    SCHEMA_REGISTRY_URL: `http://127.0.0.1:${registry}`,
    AUTO_REGISTER_SCHEMAS: 'true',
    GATEWAY_PORT: String(gatewayPort),
    GATEWAY_ADMIN_PORT: String(gatewayAdmin),
    GATEWAY_SESSION_ITEMS_PER_SECOND: UNLIMITED,
    GATEWAY_ACCOUNT_ITEMS_PER_SECOND: UNLIMITED,
    LOG_LEVEL: 'warn',
  });
  await untilReady(`http://127.0.0.1:${gatewayAdmin}/health/ready`);
  const echo = start(cores.underTest, ['bench/gateway/echo.ts'], {});
  const echoPort = Number((await nextLine(linesOf(echo))).slice('LISTENING '.length));

  const load = start(cores.load, ['bench/gateway/load.ts', dataDir], {});
  const answers = linesOf(load);
  let refused = 0;
  /** Beats per CPU-second of the contestant. */
  const measure = async (contestant: ChildProcess, port: number, beats: number, seconds: string): Promise<number> => {
    const before = treeCpuSeconds(contestant.pid!);
    load.stdin!.write(`${port} ${beats} ${values.connections} ${seconds}\n`);
    const tally = JSON.parse(await nextLine(answers)) as { answered: number; refused: number };
    refused += tally.refused;
    return (tally.answered * beats) / (treeCpuSeconds(contestant.pid!) - before);
  };
  for (const beats of [1, BEATS_A_POST]) {
    await measure(echo, echoPort, beats, WARM_UP_SECONDS);
    await measure(gateway, gatewayPort, beats, WARM_UP_SECONDS);
  }
  refused = 0;
  const rounds: { echo: number; single: number; many: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push({
      echo: await measure(echo, echoPort, 1, values.seconds),
      single: await measure(gateway, gatewayPort, 1, values.seconds),
      many: await measure(gateway, gatewayPort, BEATS_A_POST, values.seconds),
    });
    const { echo: peer, single, many } = rounds.at(-1)!;
    console.log(
      `round ${round + 1}: echo ${peer.toFixed(0)}, beats ${single.toFixed(0)} (${(single / peer).toFixed(2)} ×), ${BEATS_A_POST} a post ${many.toFixed(0)} (${(many / single).toFixed(1)} ×)`,
    );
  }
  const ratios = rounds.map(({ echo: peer, single }) => single / peer);
  const gains = rounds.map(({ single, many }) => many / single);
  const spread = (all: readonly number[]): string =>
    `${percentile(all, 0.5).toFixed(2)} × (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
  console.log(`${cores.described}; ${values.connections} connections; load average ${loadavg()[0]!.toFixed(1)}`);
  console.log(
    `beats per CPU-second beside the echo, median of ${rounds.length} rounds: ${spread(ratios)}, wanted ≥ 0.70`,
  );
  console.log(`${BEATS_A_POST} beats in one post beside single ones:                  ${spread(gains)}, wanted ≥ 5.00`);
  console.log(`${refused} requests were refused`);
  if (refused > 0 || percentile(ratios, 0.5) < 0.7 || percentile(gains, 0.5) < 5) process.exitCode = 1;
} finally {
  for (const child of children.toReversed()) await stop(child);
  await rm(dataDir, { recursive: true, force: true });
}
