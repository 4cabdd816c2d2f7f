import type { ContentKind, DeviceClass } from '../events/playback-heartbeat.ts';
import { words } from '../schema/words.ts';
import type { StreamAttribute } from './stream-attributes.ts';

/** What can be watched. */
export const CONTENT_KINDS = words<ContentKind>({ LIVE: true, VOD: true, CATCHUP: true });

/** What class a device can have. */
export const DEVICE_CLASSES = words<DeviceClass>({
  MOBILE: true,
  TABLET: true,
  DESKTOP: true,
  TV: true,
  SET_TOP_BOX: true,
  CONSOLE: true,
});

const FLAG = ['true', 'false'];

/**
 * The values of the attributes that have no others, as conditions write them. A word that an app sends and that is none
 * of these is UNKNOWN, which no condition finds. The values of the other attributes are the tenant's own.
 */
export const CLOSED_VALUES: Readonly<Partial<Record<StreamAttribute, readonly string[]>>> = {
  kind: CONTENT_KINDS,
  deviceClass: DEVICE_CLASSES,
  home: FLAG,
  adSupported: FLAG,
};
