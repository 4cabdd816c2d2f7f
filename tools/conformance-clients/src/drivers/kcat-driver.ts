import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClientDriver,
  OperationError,
  type OperationName,
  type Operations,
  type Polled,
  type ReadRecord,
} from './client-driver.ts';

type Handlers = { readonly [Name in OperationName]?: (request: Operations[Name]['in']) => Promise<unknown> };

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of kcat, which prints while it runs. */
class KcatRun {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[]) {
    this.process = spawn('kcat', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stdin?.on('error', () => undefined);
    this.process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.finished = once(this.process, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Ends its input and waits; rejects unless it was content. */
  async done(): Promise<Finished> {
    this.process.stdin?.end();
    const finished = await this.finished;
    if (finished.code === 0) return finished;
    throw new OperationError({
      name: `kcat ended with ${finished.code}`,
      message: finished.stderr.trim(),
      fenced: /fenced|invalid_producer_epoch|old epoch|producer epoch/i.test(finished.stderr),
    });
  }
}

const FORMAT = ['-f', '%p %o %s\\n'];

/** kcat as it stands on the command line: a run for every operation, one that goes on for a transaction and for a member of a group. */
export class KcatDriver implements ClientDriver {
  readonly #brokers: string;
  readonly #running = new Set<KcatRun>();
  readonly #transactions = new Map<string, KcatRun | undefined>();
  #member: KcatRun | undefined;
  #memberRead = 0;

  readonly #handlers: Handlers = {
    send: (request) => this.#send(request),
    begin: async ({ transactionalId }) => void this.#transactions.set(transactionalId, undefined),
    commit: async ({ transactionalId }) => void (await this.#transactions.get(transactionalId)?.done()),
    abort: async ({ transactionalId }) => {
      const run = this.#transactions.get(transactionalId);
      run?.process.kill('SIGTERM');
      run?.process.stdin?.end();
      await run?.finished;
    },
    read: (request) => this.#read(request),
    offsetForTime: async ({ topic, partition, time }) => {
      const { stdout } = await this.#run(['-Q', '-t', `${topic}:${partition}:${time}`]).done();
      const offset = Number(stdout.trim().split(' ').at(-1));
      return offset;
    },
    join: async ({ group, topic }) => {
      const settings = [
        'auto.offset.reset=earliest',
        'auto.commit.interval.ms=50',
        'heartbeat.interval.ms=500',
        'session.timeout.ms=10000',
      ];
      const args = [...settings.flatMap((one) => ['-X', one]), '-E', '-u', ...FORMAT, topic];
      this.#member = this.#run(['-G', group, ...args]);
    },
    poll: ({ forMs }) => this.#poll(forMs),
    leave: async () => {
      this.#member?.process.kill('SIGTERM');
      await this.#member?.finished;
    },
    listTopics: async () => {
      const { stdout } = await this.#run(['-L']).done();
      return [...stdout.matchAll(/topic "(.*)" with/g)].map(([, topic]) => topic);
    },
    describeTopic: async ({ topic }) => {
      const { stdout } = await this.#run(['-L', '-t', topic]).done();
      return Number(/with (\d+) partitions/.exec(stdout)?.[1]);
    },
  };

  constructor(brokers: string) {
    this.#brokers = brokers;
  }

  call<Name extends OperationName>(operation: Name, request: Operations[Name]['in']): Promise<Operations[Name]['out']> {
    const handler = this.#handlers[operation];
    if (handler === undefined) return Promise.reject(new Error(`kcat has no ${operation}`));
    return handler(request) as Promise<Operations[Name]['out']>;
  }

  async kill(): Promise<void> {
    await Promise.all(
      [...this.#running].map((run) => {
        run.process.kill('SIGKILL');
        return run.finished;
      }),
    );
  }

  #run(args: readonly string[]): KcatRun {
    const run = new KcatRun(['-b', this.#brokers, '-X', 'reconnect.backoff.max.ms=200', ...args]);
    this.#running.add(run);
    void run.finished.then(() => this.#running.delete(run));
    return run;
  }

  async #send(request: Operations['send']['in']): Promise<readonly number[]> {
    const { topic, partition, values, codec = 'none', paceMs = 0, transactionalId } = request;
    const kind = transactionalId === undefined ? 'enable.idempotence=true' : `transactional.id=${transactionalId}`;
    // -E: it goes on when all brokers are down.
    const open = transactionalId === undefined ? undefined : this.#transactions.get(transactionalId);
    const run =
      open ?? this.#run(['-P', '-E', '-t', topic, '-p', `${partition}`, '-z', codec, '-X', kind, '-X', 'linger.ms=5']);
    for (const value of values) {
      run.process.stdin?.write(`${value}\n`);
      if (paceMs > 0) await delay(paceMs);
    }
    // kcat tells nobody the offsets.
    if (transactionalId === undefined) await run.done();
    else this.#transactions.set(transactionalId, run);
    return [];
  }

  async #read({ topic, partition, isolation, from = 0 }: Operations['read']['in']): Promise<readonly ReadRecord[]> {
    const where = ['-t', topic, '-p', `${partition}`, '-o', `${from}`, '-X', `isolation.level=${isolation}`];
    const { stdout } = await this.#run(['-C', ...where, '-e', '-q', ...FORMAT]).done();
    return recordsIn(stdout);
  }

  async #poll(forMs: number): Promise<Polled> {
    await delay(forMs);
    const run = this.#member;
    if (run === undefined) throw new Error('kcat has not joined');
    const complete = run.stdout.slice(0, run.stdout.lastIndexOf('\n') + 1);
    const records = recordsIn(complete.slice(this.#memberRead));
    this.#memberRead = complete.length;
    const [, kind, list = ''] = [...run.stderr.matchAll(/rebalanced \(.*?\): (assigned|revoked): (.*)/g)].at(-1) ?? [];
    const assignment = kind === 'assigned' ? [...list.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index)) : [];
    return { records, assignment };
  }
}

function recordsIn(text: string): ReadRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [partition, offset, ...value] = line.split(' ');
      return { partition: Number(partition), offset: Number(offset), value: value.join(' ') };
    });
}
