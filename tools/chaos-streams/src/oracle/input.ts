/** A record of an output or input, of text. */
export interface TextRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** A beat as the application reads it. */
export interface Beat {
  readonly id: string;
  readonly viewer: string;
  readonly country: string;
  readonly timestamp: number;
}

/** What was written for the application, each topic in the order of its log. Records of a viewer are all in one partition. */
export interface OracleInput {
  readonly beats: readonly Beat[];
  readonly stops: readonly { readonly id: string; readonly viewer: string; readonly timestamp: number }[];
  /** The last version of each viewer's profile. */
  readonly versions: ReadonlyMap<string, number>;
  /** Beats that were sent when every profile had its last version. */
  readonly lastBeats: ReadonlySet<string>;
  /** The greatest timestamp of each viewer's partition: windows that ended long before it are closed. */
  readonly streamTime: (viewer: string) => number;
}

/** Reads the logs of the three inputs. `lastFrom`: timestamp from which on beats are the last ones. */
export function oracleInput(
  logs: {
    readonly beats: readonly TextRecord[];
    readonly stops: readonly TextRecord[];
    readonly profiles: readonly TextRecord[];
  },
  lastFrom: number,
): OracleInput {
  const times = new Map<number, number>();
  const partitions = new Map<string, number>();
  const beats = logs.beats.map(({ key, value, timestamp, partition }) => {
    const viewer = key.toString();
    const [id = '', country = ''] = String(value).split('|');
    partitions.set(viewer, partition);
    times.set(partition, Math.max(timestamp, times.get(partition) ?? 0));
    return { id, viewer, country, timestamp };
  });
  const versions = new Map<string, number>();
  for (const { key, value } of logs.profiles) versions.set(key.toString(), Number(String(value)));
  return {
    beats,
    stops: logs.stops.map(({ key, value, timestamp }) => ({ id: String(value), viewer: key.toString(), timestamp })),
    versions,
    lastBeats: new Set(beats.filter(({ timestamp }) => timestamp >= lastFrom).map(({ id }) => id)),
    streamTime: (viewer) => times.get(partitions.get(viewer) ?? -1) ?? 0,
  };
}
