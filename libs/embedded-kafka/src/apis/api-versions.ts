import { apiVersionsApi, ErrorCode } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** An API as ApiVersions lists it. */
export interface AdvertisedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** What ApiVersions says about handlers, by key. */
export function advertisedApis(handlers: readonly AnyApiHandler[]): AdvertisedApi[] {
  return handlers
    .map(({ api, versions: [min, max], reportedMinVersion }) => ({
      apiKey: api.key,
      minVersion: reportedMinVersion ?? min,
      maxVersion: max,
    }))
    .sort((a, b) => a.apiKey - b.apiKey);
}

/** Which APIs and versions the broker serves; the list is asked for when a request comes, so it may contain this handler. */
export const apiVersions = (handlers: () => readonly AnyApiHandler[]): AnyApiHandler =>
  defineHandler({
    api: apiVersionsApi,
    versions: [0, 3],
    handle: () => ({ errorCode: ErrorCode.NONE, apiKeys: advertisedApis(handlers()) }),
    failed: (_request, errorCode) => ({ errorCode, apiKeys: [] }),
  });
