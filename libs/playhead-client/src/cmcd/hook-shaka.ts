import { readVerdict, withPosition } from './cmcd-hook.ts';
import type { CmcdHook } from './cmcd-hook.ts';

/** Shaka's networking engine, as far as it is used. */
export interface ShakaNetworking {
  registerRequestFilter(filter: (type: unknown, request: ShakaRequest) => void): void;
  registerResponseFilter(filter: (type: unknown, response: ShakaResponse) => void): void;
}

interface ShakaRequest {
  readonly uris: readonly string[];
  body: ArrayBuffer | Uint8Array | null;
}

interface ShakaResponse {
  readonly uri: string;
  readonly data: ArrayBuffer | Uint8Array;
}

/** Adds the playhead to Shaka's CMCD reports and reads the verdict in their answers: by address, because minified builds give reports no type. */
export function hookShaka(networking: ShakaNetworking, hook: CmcdHook): void {
  networking.registerRequestFilter((_type, request) => {
    if (request.uris[0]?.startsWith(hook.url) !== true || request.body === null) return;
    const text = new TextDecoder().decode(request.body);
    request.body = new TextEncoder().encode(withPosition(text, hook.positionMs()));
  });
  networking.registerResponseFilter((_type, { uri, data }) => {
    if (uri.startsWith(hook.url)) readVerdict(new TextDecoder().decode(data), hook);
  });
}
