import { makeRoom } from '@playhead/service-kit';

/** A stream counts as live for one to two of these after its last report. */
const GENERATION_MS = 15_000;
const HISTORY_SECONDS = 60;

/** What the page shows of a tenant. */
export interface LiveFigures {
  /** Mean of the last five whole seconds. */
  readonly beatsPerSecond: number;
  /** Streams that reported in the last 15 to 30 s and may go on. */
  readonly liveStreams: number;
  /** Starts refused in the last minute, and streams that reported in the last 15 to 30 s and were told to stop. */
  readonly blockedStreams: number;
  /** Starts refused in the last minute. */
  readonly refusedStarts: number;
  /** Beats in each of the last 60 whole seconds, oldest first. */
  readonly history: readonly number[];
}

interface TenantFigures {
  current: Map<string, boolean>;
  previous: Map<string, boolean>;
  generation: number;
  readonly beats: SecondCounts;
  readonly refused: SecondCounts;
}

/**
 * Counts what goes on, per tenant, for people to look at; decisions are the guard's. Of each tenant `maxSessions` streams
 * are told apart in 15 s, further ones are not counted; as many tenants are, then the one that came first starts anew.
 */
export class LiveStreams {
  readonly #tenants = new Map<string, TenantFigures>();
  readonly #maxSessions: number;

  constructor({ maxSessions }: { readonly maxSessions: number }) {
    this.#maxSessions = maxSessions;
  }

  /** A session reported; `beats` of the reports were beats. */
  reported(tenant: string, session: string, report: { beats: number; stopped: boolean; now: number }): void {
    const figures = this.#figuresOf(tenant, report.now);
    figures.beats.add(report.beats, report.now);
    if (figures.current.get(session) === report.stopped) return;
    figures.previous.delete(session);
    if (figures.current.has(session) || figures.current.size < this.#maxSessions) {
      figures.current.set(session, report.stopped);
    }
  }

  /** A session said that it ends. */
  ended(tenant: string, session: string, now: number): void {
    const figures = this.#figuresOf(tenant, now);
    figures.current.delete(session);
    figures.previous.delete(session);
  }

  /** A start was refused. */
  refused(tenant: string, now: number): void {
    this.#figuresOf(tenant, now).refused.add(1, now);
  }

  of(tenant: string, now: number): LiveFigures {
    const figures = this.#figuresOf(tenant, now);
    let stoppedStreams = 0;
    for (const stopped of figures.current.values()) if (stopped) stoppedStreams++;
    for (const stopped of figures.previous.values()) if (stopped) stoppedStreams++;
    const refusedStarts = sum(figures.refused.lastSeconds(now));
    const history = figures.beats.lastSeconds(now);
    return {
      beatsPerSecond: sum(history.slice(-5)) / 5,
      liveStreams: figures.current.size + figures.previous.size - stoppedStreams,
      blockedStreams: refusedStarts + stoppedStreams,
      refusedStarts,
      history,
    };
  }

  #figuresOf(tenant: string, now: number): TenantFigures {
    const generation = Math.floor(now / GENERATION_MS);
    let figures = this.#tenants.get(tenant);
    if (figures === undefined) {
      figures = {
        current: new Map(),
        previous: new Map(),
        generation,
        beats: new SecondCounts(),
        refused: new SecondCounts(),
      };
      makeRoom(this.#tenants, this.#maxSessions);
      this.#tenants.set(tenant, figures);
    }
    if (generation !== figures.generation) {
      figures.previous = generation === figures.generation + 1 ? figures.current : new Map();
      figures.current = new Map();
      figures.generation = generation;
    }
    return figures;
  }
}

/** A ring of one count a second. */
class SecondCounts {
  readonly #counts = new Float64Array(HISTORY_SECONDS + 1);
  #second = 0;

  add(count: number, now: number): void {
    this.#advance(now);
    const at = this.#second % this.#counts.length;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** The whole seconds before the present one, oldest first. */
  lastSeconds(now: number): number[] {
    this.#advance(now);
    const { length } = this.#counts;
    return Array.from({ length: HISTORY_SECONDS }, (_, at) => this.#counts[(this.#second + 1 + at) % length] ?? 0);
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000);
    const steps = Math.min(second - this.#second, this.#counts.length);
    for (let step = 0; step < steps; step++) this.#counts[(second - step) % this.#counts.length] = 0;
    if (second > this.#second) this.#second = second;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
