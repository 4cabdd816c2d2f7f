import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, Consumer, KafkaMessage } from 'kafkajs';
import type { LoggedBeat, LoggedEnd, LoggedEvidence, LoggedStart, LoggedVerdict, LogSeen } from '../history.ts';

const BEATS = 'playback.heartbeats';
const VERDICTS = 'playback.verdicts';
const CATCH_UP_MS = 60_000;
const POLL_MS = 50;

/** Reads what the services write with clients that they do not use. Runs beside the load; a broker that is restarted is waited for. */
export class TopicReader {
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #registry: SchemaRegistry;
  /** By topic and partition: the offset after the last record taken. A group that is joined again reads records again. */
  readonly #positions = new Map<string, bigint>();
  #beats = new Map<string, Map<number, LoggedBeat[]>>();
  #starts = new Map<string, LoggedStart>();
  #stops = new Map<string, LoggedEnd>();
  #terminations = new Map<string, LoggedEnd>();
  #evidence = new Map<string, LoggedEvidence>();
  #verdicts = new Map<string, (LoggedVerdict | null)[]>();

  constructor(brokerAddress: string, registryUrl: string) {
    const kafka = new Kafka({
      brokers: [brokerAddress],
      clientId: 'verify-concurrency',
      logLevel: logLevel.NOTHING,
      retry: { retries: 1_000, initialRetryTime: 50, maxRetryTime: 500 },
    });
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({ groupId: `verify-concurrency-${process.pid}`, maxWaitTimeInMs: 100 });
    this.#registry = new SchemaRegistry({ host: registryUrl });
  }

  async start(): Promise<void> {
    await this.#admin.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [BEATS, VERDICTS], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => this.#take(topic, partition, message),
    });
  }

  /** Everything that was in the topics when this was called. Rejects when it is not read within a minute. */
  async seen(): Promise<LogSeen> {
    const deadline = performance.now() + CATCH_UP_MS;
    for (const topic of [BEATS, VERDICTS]) {
      for (const { partition, high } of await this.#ends(topic, deadline)) {
        while ((this.#positions.get(`${topic}/${partition}`) ?? 0n) < BigInt(high)) {
          if (performance.now() > deadline) throw new Error(`${topic}/${partition} was not read to ${high} in time`);
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      }
    }
    return {
      beats: this.#beats,
      starts: this.#starts,
      stops: this.#stops,
      terminations: this.#terminations,
      evidence: this.#evidence,
      verdicts: this.#verdicts,
    };
  }

  /** The admin client does not ask again where a broker that has just come back leads nothing yet. */
  async #ends(topic: string, deadline: number): ReturnType<Admin['fetchTopicOffsets']> {
    for (;;) {
      try {
        return await this.#admin.fetchTopicOffsets(topic);
      } catch (error) {
        if ((error as { readonly retriable?: boolean }).retriable !== true || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  }

  /** Forgets what was read: the next run begins. */
  forget(): void {
    this.#beats = new Map();
    this.#starts = new Map();
    this.#stops = new Map();
    this.#terminations = new Map();
    this.#evidence = new Map();
    this.#verdicts = new Map();
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
    await this.#admin.disconnect();
  }

  async #take(topic: string, partition: number, { offset, key, value }: KafkaMessage): Promise<void> {
    const place = `${topic}/${partition}`;
    if (BigInt(offset) < (this.#positions.get(place) ?? 0n)) return;
    const record: unknown = value === null ? null : await this.#registry.decode(value);
    if (topic === BEATS) this.#takeReport(record as ReportRecord);
    else this.#takeVerdict(key!.toString(), record as VerdictRecord | null, { partition, offset: Number(offset) });
    this.#positions.set(place, BigInt(offset) + 1n);
  }

  #takeReport(record: ReportRecord): void {
    const { type, session, sequence, eventId, late } = record;
    const key = `${record.tenant}/${record.account}/${session}`;
    const first = (map: Map<string, LoggedStart>, of: string): void => {
      if (!map.has(of)) map.set(of, { late, readAt: Date.now() });
    };
    if (type === 'START') first(this.#starts, session);
    else if (type === 'STOP') first(this.#stops, session);
    else if (type === 'TERMINATE') first(this.#terminations, key);
    else if (type === 'EVIDENCE') {
      const { records = 0, late: before = false } = this.#evidence.get(key) ?? {};
      this.#evidence.set(key, { records: records + 1, late: before || late });
    }
    if (type !== 'BEAT' || sequence === null) return;
    const number = Number(sequence);
    let bySequence = this.#beats.get(session);
    if (bySequence === undefined) this.#beats.set(session, (bySequence = new Map()));
    const logged = bySequence.get(number);
    if (logged === undefined) bySequence.set(number, [{ eventId, late }]);
    else logged.push({ eventId, late });
  }

  #takeVerdict(key: string, record: VerdictRecord | null, place: Pick<LoggedVerdict, 'partition' | 'offset'>): void {
    const logged = this.#verdicts.get(key) ?? [];
    this.#verdicts.set(key, logged);
    if (record === null) logged.push(null);
    else {
      const { verdict, reason, endedBy } = record;
      logged.push({ verdict, reason, endedBy, ...place, readAt: Date.now() });
    }
  }
}

interface ReportRecord extends LoggedBeat {
  readonly type: string;
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly sequence: number | bigint | null;
}

type VerdictRecord = Pick<LoggedVerdict, 'verdict' | 'reason' | 'endedBy'>;
