import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';
import { seededRandom } from './seeded-random.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { WorkloadTopics } from './workload.ts';

const TICK_MS = 50;
/** Time in the input for each millisecond of a tick. */
const TIME_FACTOR = 4;
/** Records that are not acknowledged: with the time between ticks they bound how far the inputs' times are apart in the logs. */
const MAX_UNACKNOWLEDGED_TICKS = 20;
const VIEWERS = Array.from({ length: 200 }, (_, index) => `viewer-${index}`);
const COUNTRIES = ['at', 'be', 'ch', 'de', 'dk', 'fr', 'it', 'nl', 'pl', 'se'];
const MAX_LATENESS_MS = 1_500;
/** A viewer watches in one of two periods of this length. */
const PERIOD_MS = 15_000;
const HOUR_MS = 3_600_000;
const CLOSING_ROUNDS = 2;

/** Writes the input: beats, stops and profiles of viewers that come and go, some of it late. */
export class Load {
  /** Records that were acknowledged. */
  written = 0;
  readonly #client: KafkaClient;
  readonly #producer: RecordProducer;
  readonly #topics: WorkloadTopics;
  readonly #random: SeededRandom;
  readonly #perTick: number;
  /** Of the input's time; long ago, because brokers refuse what lies in the future. */
  #now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 12 * HOUR_MS;
  #nextId = 0;
  readonly #versions = new Map<string, number>();
  #unacknowledgedTicks = 0;
  #failure: Error | undefined;
  #stopping = false;
  #running: Promise<void> | undefined;

  constructor(port: number, topics: WorkloadTopics, options: { readonly seed: number; readonly rate: number }) {
    this.#client = new KafkaClient({
      brokers: [`127.0.0.1:${port}`],
      clientId: 'chaos-load',
      connectionTimeoutMs: 5_000,
      requestTimeoutMs: 15_000,
    });
    this.#producer = new RecordProducer(this.#client, { deliveryTimeoutMs: 300_000 });
    this.#topics = topics;
    this.#random = seededRandom(options.seed ^ 0x5eed);
    this.#perTick = Math.max(1, Math.round((options.rate * TICK_MS) / 1_000));
  }

  /** Creates the topics. */
  async prepare(partitions: number): Promise<void> {
    const names = Object.values(this.#topics) as string[];
    await this.#client.createTopics(names.map((topic) => ({ topic, partitions, replicationFactor: 1 })));
    await this.#producer.prepare([this.#topics.beats, this.#topics.stops, this.#topics.profiles]);
  }

  /** Every viewer's first profile: no beat is without one. */
  async writeFirstProfiles(): Promise<void> {
    await Promise.all(VIEWERS.map((viewer) => this.#profile(viewer)));
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends the load; resolves when everything is acknowledged. Rejects when something was not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** When all profiles have been processed: a beat of each viewer. Gives the timestamp from which on beats are these. */
  async writeLastBeats(): Promise<number> {
    this.#now += PERIOD_MS;
    const from = this.#now;
    await Promise.all(VIEWERS.map((viewer) => this.#beat(viewer, this.#now)));
    return from;
  }

  /** Closes every window there is but those of these beats: two hours later, in every partition. */
  async writeClosingBeats(): Promise<void> {
    this.#now += 2 * HOUR_MS;
    for (let round = 0; round < CLOSING_ROUNDS; round++)
      await Promise.all(VIEWERS.map((viewer) => this.#beat(viewer, this.#now + round)));
  }

  async close(): Promise<void> {
    this.#stopping = true;
    await this.#producer.close(1_000);
    await this.#client.close();
  }

  async #run(): Promise<void> {
    let next = performance.now();
    while (!this.#stopping && this.#failure === undefined) {
      if (this.#unacknowledgedTicks < MAX_UNACKNOWLEDGED_TICKS) this.#tick();
      next = Math.max(next + TICK_MS, performance.now() - 10 * TICK_MS);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
    while (this.#unacknowledgedTicks > 0 && this.#failure === undefined)
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }

  #tick(): void {
    this.#now += TICK_MS * TIME_FACTOR;
    this.#unacknowledgedTicks++;
    const sent = Array.from({ length: this.#perTick }, () => this.#sendOne());
    Promise.all(sent).then(
      () => this.#unacknowledgedTicks--,
      (error: unknown) => (this.#failure ??= error instanceof Error ? error : new Error(String(error))),
    );
  }

  #sendOne(): Promise<void> {
    const random = this.#random;
    const viewer = this.#presentViewer();
    const timestamp = this.#now - (random.next() < 0.2 ? random.below(MAX_LATENESS_MS) : random.below(100));
    const what = random.next();
    if (what < 0.8) return this.#beat(viewer, timestamp);
    if (what < 0.95) return this.#send(this.#topics.stops, viewer, `${this.#nextId++}`, timestamp);
    return this.#profile(viewer);
  }

  /** Half of the viewers watch at a time, so that sessions end. */
  #presentViewer(): string {
    const period = Math.floor(this.#now / PERIOD_MS);
    for (;;) {
      const index = this.#random.below(VIEWERS.length);
      if ((index + period) % 2 === 0) return VIEWERS[index] as string;
    }
  }

  #beat(viewer: string, timestamp: number): Promise<void> {
    return this.#send(this.#topics.beats, viewer, `${this.#nextId++}|${this.#random.pick(COUNTRIES)}`, timestamp);
  }

  #profile(viewer: string): Promise<void> {
    const version = (this.#versions.get(viewer) ?? 0) + 1;
    this.#versions.set(viewer, version);
    return this.#send(this.#topics.profiles, viewer, `${version}`, this.#now);
  }

  async #send(topic: string, key: string, value: string, timestamp: number): Promise<void> {
    await this.#producer.send({ topic, key: Buffer.from(key), value: Buffer.from(value), timestamp });
    this.written++;
  }
}
