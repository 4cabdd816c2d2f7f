import avro from 'avsc';

/** The workload of the windowed count: heartbeats of 12 fields over 20 one-minute windows in order, 200,000 accounts, seeded. */
export const WINDOW_MS = 60_000;
export const WINDOWS = 20;
export const ACCOUNTS = 200_000;
export const PARTITIONS = 4;
export const SCHEMA_ID = 7;
export const BATCH_BYTES = 16 * 1024;
export const SEED = 42;

export interface Beat {
  tenant: string;
  account: string;
  session: string;
  device: string;
  content: string;
  kind: string;
  state: string;
  positionMs: number;
  bitrate: number;
  bufferMs: number;
  sequence: number;
  receivedAt: number;
}

const KINDS = ['START', 'BEAT', 'PAUSE', 'SEEK', 'STOP'] as const;
const STATES = ['PLAYING', 'PAUSED', 'BUFFERING', 'ENDED'] as const;

export const BEAT_SCHEMA = {
  type: 'record',
  name: 'Heartbeat',
  fields: [
    ...['tenant', 'account', 'session', 'device', 'content'].map((name) => ({ name, type: 'string' })),
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: [...KINDS] } },
    { name: 'state', type: { type: 'enum', name: 'PlayState', symbols: [...STATES] } },
    { name: 'positionMs', type: 'long' },
    { name: 'bitrate', type: 'int' },
    { name: 'bufferMs', type: 'int' },
    { name: 'sequence', type: 'int' },
    { name: 'receivedAt', type: 'long' },
  ],
};

export const beatType = avro.Type.forSchema(BEAT_SCHEMA as avro.Schema);

/** mulberry32: a small seeded generator, so that every run has the same records. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A record of the workload. */
export interface GeneratedBeat {
  readonly account: number;
  /** In the Confluent wire format; valid until the next one is asked for. */
  readonly value: Buffer;
  readonly timestamp: number;
}

/** The key of an account. */
export const accountKey = (account: number): Buffer => Buffer.from(`t1/acc-${account}`);

/** The records in the order of their times, accounts at random: the same for every run but for `baseMs`. */
export function* generateBeats(count: number, baseMs: number): Generator<GeneratedBeat, undefined> {
  const random = seededRandom(SEED);
  const encode = beatEncoder(random);
  for (let i = 0; i < count; i++) {
    const account = Math.floor(random() * ACCOUNTS);
    const timestamp = baseMs + Math.floor((WINDOW_MS * WINDOWS * i) / count);
    yield { account, value: encode(i, account, timestamp), timestamp };
  }
  return undefined;
}

/** Makes the value of record `i`; its bytes are valid until the next call. */
export function beatEncoder(random = seededRandom(SEED)): (i: number, account: number, timestamp: number) => Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const hex = (): string => below(0x1_0000_0000).toString(16).padStart(8, '0');
  const sessions = Array.from(
    { length: 4096 },
    () => `${hex()}-${hex().slice(4)}-4${hex().slice(5)}-a${hex().slice(5)}-${hex()}${hex().slice(4)}`,
  );
  const buffer = Buffer.alloc(1024);
  buffer.writeInt32BE(SCHEMA_ID, 1);
  return (i, account, timestamp) => {
    const beat: Beat = {
      tenant: 't1',
      account: `acc-${account}`,
      session: sessions[account & 4095]!,
      device: `device-smart-tv-${account % 977}`,
      content: `content/series/s${account % 13}/episode-${i % 5003}`,
      kind: KINDS[below(KINDS.length)]!,
      state: STATES[below(STATES.length)]!,
      positionMs: below(7_200_000),
      bitrate: 500_000 + below(8_000_000),
      bufferMs: below(60_000),
      sequence: i & 0xffff,
      receivedAt: timestamp,
    };
    return buffer.subarray(0, beatType.encode(beat, buffer, 5));
  };
}
