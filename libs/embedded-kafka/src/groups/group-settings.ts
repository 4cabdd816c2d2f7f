/** Limits and times of the group coordinator; the defaults are Kafka's unless a comment says otherwise. */
export interface GroupSettings {
  /** A shorter session timeout is refused with 26: Kafka refuses it too, and a development broker that took it would hide that. */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Most members, and ids handed out to members to be, of one group. Kafka has no limit. */
  readonly maxGroupSize: number;
  /** Most groups, empty ones with offsets included. Kafka has no limit. */
  readonly maxGroups: number;
  readonly maxOffsetMetadataBytes: number;
  /** How long offsets are kept after a group became empty. */
  readonly offsetsRetentionMs: number;
  readonly retentionCheckIntervalMs: number;
  /** The offsets file is rewritten when it is larger than this and has doubled since it was last. Kafka compacts a topic instead. */
  readonly compactAboveBytes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_GROUP_SETTINGS: GroupSettings = {
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  maxGroupSize: 1000,
  maxGroups: 10_000,
  maxOffsetMetadataBytes: 4096,
  offsetsRetentionMs: 7 * DAY_MS,
  retentionCheckIntervalMs: 600_000,
  compactAboveBytes: 4 * 1024 * 1024,
};
