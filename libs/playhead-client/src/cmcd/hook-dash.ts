import { CmcdAnswers, withPosition } from './cmcd-hook.ts';
import type { CmcdHook } from './cmcd-hook.ts';

/** dash.js 5's interceptors, as far as they are used. */
export interface DashPlayer {
  addRequestInterceptor(intercept: (request: DashRequest) => Promise<DashRequest>): void;
  addResponseInterceptor(intercept: (response: DashResponse) => Promise<DashResponse>): void;
}

interface DashRequest {
  url: string;
  body?: unknown;
  readonly customData: { readonly request: { readonly type: string } };
}

interface DashResponse {
  readonly data?: unknown;
  readonly request: DashRequest;
}

/** Adds the playhead to dash.js's CMCD reports and reads the verdict and the new ticket in their answers. Its event target's address is `answeringUrl`. */
export function hookDash(player: DashPlayer, hook: CmcdHook): void {
  const answers = new CmcdAnswers(hook);
  player.addRequestInterceptor((request) => {
    if (isReport(request) && typeof request.body === 'string') {
      request.url = answers.addressOf(request.url);
      request.body = withPosition(request.body, hook.positionMs());
    }
    return Promise.resolve(request);
  });
  player.addResponseInterceptor((response) => {
    if (isReport(response.request)) answers.read(response.data);
    return Promise.resolve(response);
  });
}

const isReport = ({ customData }: DashRequest): boolean => customData.request.type === 'CmcdEvent';
