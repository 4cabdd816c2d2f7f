import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BEAT_SCHEMA } from './workload.ts';

const folder = join(import.meta.dirname, 'peer');
const cache = join(import.meta.dirname, '../../node_modules/.cache/bench-streams-peer');

/** Fetches Kafka Streams (once, by Maven), compiles the peer, and returns the command that runs it. Throws where Java or Maven are missing or the jars cannot be had. */
export function prepareJavaPeer(): string[] {
  const [libs, classes, schema] = ['libs', 'classes', 'heartbeat.avsc'].map((name) => join(cache, name)) as [
    string,
    string,
    string,
  ];
  if (!existsSync(libs)) {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${libs}`];
    execFileSync('mvn', ['-B', '-q', '-f', join(folder, 'pom.xml'), ...goal], { stdio: 'pipe' });
  }
  mkdirSync(classes, { recursive: true });
  writeFileSync(schema, JSON.stringify(BEAT_SCHEMA));
  const source = join(folder, 'src/main/java/bench/StreamsPeer.java');
  execFileSync('javac', ['-d', classes, '-cp', join(libs, '*'), source], { stdio: 'pipe' });
  return ['java', '-cp', [classes, join(libs, '*')].join(delimiter), 'bench.StreamsPeer', `schema=${schema}`];
}
