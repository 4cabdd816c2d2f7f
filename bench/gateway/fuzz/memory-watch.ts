import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { MemoryAnswer } from '../../memory-probe.ts';

const MIB = 1024 * 1024;
/** What may be reachable more after the last round than after the first, by process: room for noise, far from what 100,000 kept bodies would take. */
const MAX_REACHABLE_GROWTH_BYTES = 8 * MIB;
/** The same of all resident memory, which holds what V8 has not handed back: only memory that is lost outside the heap shows here alone. */
const MAX_RESIDENT_GROWTH_BYTES = 64 * MIB;

type Sample = Omit<MemoryAnswer, 'type'>;

/** Follows the memory of processes that have `memory-probe.ts` in them. */
export class MemoryWatch {
  readonly #processes: ReadonlyMap<string, ChildProcess>;
  readonly #samples = new Map<string, Sample[]>();

  constructor(processes: ReadonlyMap<string, ChildProcess>) {
    this.#processes = processes;
    for (const name of processes.keys()) this.#samples.set(name, []);
  }

  /** Looks at all processes, after a forced collection each. */
  async sample(): Promise<void> {
    for (const [name, process] of this.#processes) this.#samples.get(name)!.push(await ask(process));
  }

  /** A line a process and figure, oldest first. */
  lines(): readonly string[] {
    const figures = {
      'reachable in the heap': ({ heapUsed }: Sample) => heapUsed,
      'reachable outside it (buffers)': ({ external }: Sample) => external,
      'held by V8 for the heap': ({ heapCommitted }: Sample) => heapCommitted,
      'neither (code, threads, malloc)': ({ resident, heapCommitted, external }: Sample) =>
        resident - heapCommitted - external,
      resident: ({ resident }: Sample) => resident,
    };
    return [...this.#samples].flatMap(([name, samples]) =>
      Object.entries(figures).map(([figure, of]) => {
        return `${name}, ${figure}, MiB: ${samples.map((sample) => (of(sample) / MIB).toFixed(1)).join(' ')}`;
      }),
    );
  }

  /** What each process has at the end beyond what it had after `from` samples, and whether that is within what is allowed. */
  growth(from: number): { readonly lines: readonly string[]; readonly isFlat: boolean } {
    const grown = [...this.#samples].map(([name, samples]) => {
      const [first, last] = [samples[from]!, samples.at(-1)!];
      const reachable = last.heapUsed + last.external - first.heapUsed - first.external;
      return { name, reachable, resident: last.resident - first.resident };
    });
    const shown = (bytes: number, allowed: number): string =>
      `${(bytes / MIB).toFixed(1)} MiB (allowed ${allowed / MIB})`;
    return {
      lines: grown.map(({ name, reachable, resident }) => {
        const parts = [shown(reachable, MAX_REACHABLE_GROWTH_BYTES), shown(resident, MAX_RESIDENT_GROWTH_BYTES)];
        return `${name}, more than after the first round: reachable ${parts[0]}, resident ${parts[1]}`;
      }),
      isFlat: grown.every(
        ({ reachable, resident }) => reachable <= MAX_REACHABLE_GROWTH_BYTES && resident <= MAX_RESIDENT_GROWTH_BYTES,
      ),
    };
  }
}

async function ask(process: ChildProcess): Promise<Sample> {
  const answered = once(process, 'message');
  process.send({ type: 'memory' });
  const [answer] = (await answered) as [MemoryAnswer];
  return answer;
}
