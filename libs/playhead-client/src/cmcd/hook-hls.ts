import { readVerdict, withPosition } from './cmcd-hook.ts';
import type { CmcdHook } from './cmcd-hook.ts';

/** A report as hls.js's CMCD loader gets it. */
export interface HlsReport {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** For `cmcd.loader` of hls.js: adds the playhead to reports, lets them outlive the page, and reads the verdict in their answers. */
export function hlsCmcdLoader(hook: CmcdHook): (report: HlsReport) => Promise<{ readonly status: number }> {
  return async ({ url, headers, body }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      keepalive: true,
      body: withPosition(body, hook.positionMs()),
    });
    readVerdict(await response.text(), hook);
    return { status: response.status };
  };
}
