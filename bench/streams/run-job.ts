import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KafkaClient } from '@playhead/stream-core/client';
import type { Contestant } from './contestants.ts';
import { type JobArguments, toCommandLine } from './job-arguments.ts';
import type { JobResult } from './result.ts';
import { PARTITIONS } from './workload.ts';

/** A contestant's process at work. */
export interface RunningJob {
  readonly application: string;
  /** Its last line; rejects when it ended without one. */
  readonly result: Promise<JobResult>;
  /** Closes its standard input, at which it ends. */
  stop(): void;
  /** Deletes its topics and files. */
  clean(): Promise<void>;
}

let runs = 0;

/** Makes the topics of a job and starts it behind `wrap`, such as `taskset`. */
export async function startJob(
  client: KafkaClient,
  contestant: Contestant,
  wrap: readonly string[],
  job: Pick<JobArguments, 'brokers' | 'topic' | 'records' | 'aim'>,
): Promise<RunningJob> {
  const application = `bench-${process.pid}-${++runs}-${contestant.name.replaceAll(/[^a-z-]/g, '')}`;
  const topics = [`${application}-out`, `${application}-counts-changelog`];
  // The others make their own changelog.
  const own = contestant.name === 'kafkajs' ? topics : topics.slice(0, 1);
  await client.createTopics(own.map((topic) => ({ topic, partitions: PARTITIONS })));
  const stateDir = await mkdtemp(join(tmpdir(), 'bench-streams-'));
  const { guarantee, store } = contestant;
  const [command, ...args] = [
    ...wrap,
    ...contestant.command,
    ...toCommandLine({ ...job, application, guarantee, store, stateDir }),
  ];
  const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    application,
    result: resultOf(child, contestant.name),
    stop: () => child.stdin.end(),
    clean: async () => {
      await client.deleteTopics(topics);
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function resultOf(child: ChildProcess, name: string): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    let result: JobResult | undefined;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('RESULT ')) result = JSON.parse(line.slice('RESULT '.length)) as JobResult;
      else console.log(`${name}: ${line}`);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (result === undefined) reject(new Error(`${name} ended with ${code} and no result`));
      else resolve(result);
    });
  });
}
