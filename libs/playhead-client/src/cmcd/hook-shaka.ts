import { CmcdAnswers, withPosition } from './cmcd-hook.ts';
import type { CmcdHook } from './cmcd-hook.ts';

/** Shaka's networking engine, as far as it is used. */
export interface ShakaNetworking {
  registerRequestFilter(filter: (type: unknown, request: ShakaRequest) => void): void;
  registerResponseFilter(filter: (type: unknown, response: ShakaResponse) => void): void;
}

interface ShakaRequest {
  readonly uris: string[];
  body: ArrayBuffer | Uint8Array | null;
}

interface ShakaResponse {
  readonly uri: string;
  readonly data: ArrayBuffer | Uint8Array;
}

/** Adds the playhead to Shaka's CMCD reports and reads the verdict and the new ticket in their answers: by address, because minified builds give reports no type. */
export function hookShaka(networking: ShakaNetworking, hook: CmcdHook): void {
  const answers = new CmcdAnswers(hook);
  networking.registerRequestFilter((_type, request) => {
    const [address] = request.uris;
    if (address === undefined || !answers.isOurs(address) || request.body === null) return;
    request.uris[0] = answers.addressOf(address);
    const text = new TextDecoder().decode(request.body);
    request.body = new TextEncoder().encode(withPosition(text, hook.positionMs()));
  });
  networking.registerResponseFilter((_type, { uri, data }) => {
    if (answers.isOurs(uri)) answers.read(data);
  });
}
