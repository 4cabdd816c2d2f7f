import { join } from 'node:path';
import { prepareFlow } from './flow-peer.ts';
import { prepareJavaPeer } from './java-peer.ts';
import type { JobArguments } from './job-arguments.ts';

/** One way to do the windowed count. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  readonly guarantee: JobArguments['guarantee'];
  readonly store: JobArguments['store'];
  /** Of the records of a run: the slow ones get fewer, else a run would take an hour. */
  readonly share: number;
}

const FLOW_SHARE = 1 / 20;
const KAFKAJS_SHARE = 1 / 4;

const job = (name: string): string => join(import.meta.dirname, `job-${name}.ts`);

/** What `--only` chooses from, in the order of a round. */
export function prepareContestants(only: readonly string[], nodeArguments: readonly string[]): Contestant[] {
  const node = [process.execPath, ...nodeArguments];
  const makers: Readonly<Record<string, () => Contestant>> = {
    'stream-core': () => ours('stream-core', node, {}),
    'kafka-streams': () => java('kafka-streams', {}),
    'stream-core eos': () => ours('stream-core eos', node, { guarantee: 'exactly_once' }),
    'kafka-streams eos': () => java('kafka-streams eos', { guarantee: 'exactly_once' }),
    'stream-core lmdb': () => ours('stream-core lmdb', node, { store: 'disk' }),
    'kafka-streams rocksdb': () => java('kafka-streams rocksdb', { store: 'disk' }),
    kafkajs: () => ({ ...plain('kafkajs', [process.execPath, job('kafkajs')]), share: KAFKAJS_SHARE }),
    flow: () => {
      prepareFlow();
      return { ...plain('flow', [process.execPath, job('flow')]), share: FLOW_SHARE };
    },
  };
  const unknown = only.filter((name) => !Object.hasOwn(makers, name));
  if (unknown.length > 0)
    throw new RangeError(`--only ${unknown.join(',')}; allowed: ${Object.keys(makers).join(', ')}`);
  return only.map((name) => makers[name]!());
}

const plain = (name: string, command: readonly string[]): Contestant => ({
  name,
  command,
  guarantee: 'at_least_once',
  store: 'memory',
  share: 1,
});

function ours(name: string, node: readonly string[], settings: Partial<Contestant>): Contestant {
  return { ...plain(name, [...node, job('stream-core')]), ...settings };
}

function java(name: string, settings: Partial<Contestant>): Contestant {
  return { ...plain(name, prepareJavaPeer()), ...settings };
}
