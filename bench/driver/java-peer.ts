import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const folder = join(import.meta.dirname, 'peer');
const cache = join(import.meta.dirname, '../../node_modules/.cache/bench-driver-peer');

/** Kafka Streams' own driver, ready to run. */
export interface JavaPeer {
  readonly command: string;
  arguments(name: string, records: number): string[];
  close(): void;
}

/** Fetches the jars (once, by Maven) and compiles the peer. Throws where Java or Maven are missing or the jars cannot be had. */
export function prepareJavaPeer(): JavaPeer {
  const [libs, classes] = [join(cache, 'libs'), join(cache, 'classes')];
  if (!existsSync(libs)) {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${libs}`];
    execFileSync('mvn', ['-B', '-q', '-f', join(folder, 'pom.xml'), ...goal], { stdio: 'pipe' });
  }
  mkdirSync(classes, { recursive: true });
  const source = join(folder, 'src/main/java/bench/DriverPeer.java');
  execFileSync('javac', ['-d', classes, '-cp', join(libs, '*'), source], { stdio: 'pipe' });
  const state = mkdtempSync(join(tmpdir(), 'bench-driver-'));
  return {
    command: 'java',
    arguments: (name, records) => [
      '-Xmx2g',
      '-cp',
      [classes, join(libs, '*')].join(delimiter),
      'bench.DriverPeer',
      name,
      String(records),
      state,
    ],
    close: () => rmSync(state, { recursive: true, force: true }),
  };
}
