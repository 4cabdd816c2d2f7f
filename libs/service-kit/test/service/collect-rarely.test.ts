import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(60_000);

const PROGRAM = join(import.meta.dirname, '../fixtures/quiet-heap.ts');
const GOES_ON = /Memory reducer: (waiting for|started GC)/;

/** What V8 says of a quiet heap, from its first look at it to the next sign of life of the program. */
async function firstLook(settings: string): Promise<string> {
  const flags = ['--expose-gc', '--trace-memory-reducer', '--gc-memory-reducer-start-delay-ms=1'];
  const child = spawn(process.execPath, [...flags, PROGRAM, settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'exit');
  let said = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('holds') && said.includes('Memory reducer')) break;
    if (!line.startsWith('holds')) said += `${line}\n`;
  }
  child.kill('SIGKILL');
  await ended;
  return said;
}

describe('collectRarely', () => {
  it('keeps V8 from compacting a heap because the process is quiet', async () => {
    const said = await firstLook('collect-rarely');
    expect(said).toContain('Memory reducer: ');
    expect(said).not.toMatch(GOES_ON);
  });

  it('is needed: V8 would look again, and compact it when it finds it quiet', async () => {
    expect(await firstLook('as-it-is')).toMatch(GOES_ON);
  });
});
