import type { ContentKind, DeviceClass, PlaybackHeartbeat } from '../events/playback-heartbeat.ts';

/** What a policy may read of a stream. Set by its start for good, so that it cannot start as one thing and go on as another. */
export interface StreamAttributes {
  readonly profile: string | null;
  /** Of the account's entitlement. */
  readonly plan: string | null;
  readonly device: string | null;
  readonly deviceClass: DeviceClass;
  readonly deviceType: string | null;
  readonly content: string | null;
  readonly kind: ContentKind;
  readonly channel: string | null;
  readonly rightsHolder: string | null;
  readonly package: string | null;
  readonly territory: string | null;
  readonly location: string | null;
  readonly home: boolean | null;
  readonly adSupported: boolean | null;
  readonly app: string | null;
}

/** The name of an attribute. */
export type StreamAttribute = keyof StreamAttributes;

/** Every attribute that a policy may name. */
export const STREAM_ATTRIBUTES = [
  'profile',
  'plan',
  'device',
  'deviceClass',
  'deviceType',
  'content',
  'kind',
  'channel',
  'rightsHolder',
  'package',
  'territory',
  'location',
  'home',
  'adSupported',
  'app',
] as const satisfies readonly StreamAttribute[];

/** All named attributes have one of the values; with `not`, none of those has. A flag's values are `"true"` and `"false"`. */
export type StreamCondition = Readonly<Partial<Record<StreamAttribute, readonly string[]>>> & {
  readonly not?: Readonly<Partial<Record<StreamAttribute, readonly string[]>>>;
};

/** The attributes that a START gives its stream. */
export function attributesOf(start: PlaybackHeartbeat, plan: string | null): StreamAttributes {
  const { profile, device, deviceClass, deviceType, content, kind, channel, rightsHolder, location, home } = start;
  return {
    profile,
    plan,
    device,
    deviceClass,
    deviceType,
    content,
    kind,
    channel,
    rightsHolder,
    package: start.package,
    territory: start.territory ?? start.country,
    location,
    home,
    adSupported: start.adSupported,
    app: start.appId,
  };
}

/** The value as conditions and groups write it; null when the stream does not have it (UNKNOWN is none). */
export function attributeValue(attributes: StreamAttributes, name: StreamAttribute): string | null {
  const value = attributes[name];
  return value === null || value === 'UNKNOWN' ? null : String(value);
}

/** True when a stream fulfils a condition; one that is absent is always fulfilled. A value that is not known is none of those listed. */
export function fulfils(attributes: StreamAttributes, condition: StreamCondition | undefined): boolean {
  if (condition === undefined) return true;
  const { not, ...any } = condition;
  return (
    entriesOf(any).every(([name, values]) => hasOne(attributes, name, values)) &&
    (not === undefined || !entriesOf(not).some(([name, values]) => hasOne(attributes, name, values)))
  );
}

function hasOne(attributes: StreamAttributes, name: StreamAttribute, values: readonly string[]): boolean {
  const value = attributeValue(attributes, name);
  return value !== null && values.includes(value);
}

const entriesOf = (values: Readonly<Partial<Record<StreamAttribute, readonly string[]>>>) =>
  Object.entries(values) as [StreamAttribute, readonly string[]][];
