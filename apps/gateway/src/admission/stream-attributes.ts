import { DEVICE_CLASSES } from '@playhead/event-schemas';
import type { DeviceClass, PlaybackHeartbeat } from '@playhead/event-schemas';
import type { StreamAttributesBody } from '../contract/bodies.ts';
import { wordFinder } from '../contract/words.ts';

const findDeviceClass = wordFinder<DeviceClass>(DEVICE_CLASSES);

/** What policies read of a stream besides its content, as records carry it. */
export type RecordedAttributes = Pick<
  PlaybackHeartbeat,
  | 'deviceClass'
  | 'deviceType'
  | 'channel'
  | 'rightsHolder'
  | 'package'
  | 'territory'
  | 'location'
  | 'home'
  | 'adSupported'
  | 'appId'
  | 'exempt'
>;

/** What a start, or a back end's evidence, says of its stream. */
export function streamAttributesOf(body: StreamAttributesBody): RecordedAttributes {
  return {
    deviceClass: findDeviceClass(body.deviceClass),
    deviceType: body.deviceType ?? null,
    channel: body.channel ?? null,
    rightsHolder: body.rightsHolder ?? null,
    package: body.package ?? null,
    territory: body.territory ?? null,
    location: body.location ?? null,
    home: body.home ?? null,
    adSupported: body.adSupported ?? null,
    appId: body.appId ?? null,
    exempt: body.exempt ?? false,
  };
}
