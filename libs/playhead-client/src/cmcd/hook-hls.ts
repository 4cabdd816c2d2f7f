import { CmcdAnswers, withPosition } from './cmcd-hook.ts';
import type { CmcdHook } from './cmcd-hook.ts';

/** A report as hls.js's CMCD loader gets it. */
export interface HlsReport {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Browsers let 64 KiB in all outlive a page (Fetch, keepalive); half of it for one report. */
const MAX_KEEPALIVE_BYTES = 32 * 1024;

/** For `cmcd.loader` of hls.js: adds the playhead to reports, lets them outlive the page, and reads the verdict and the new ticket in their answers. */
export function hlsCmcdLoader(hook: CmcdHook): (report: HlsReport) => Promise<{ readonly status: number }> {
  const answers = new CmcdAnswers(hook);
  return async ({ url, headers, body }) => {
    const text = withPosition(body, hook.positionMs());
    const response = await fetch(answers.addressOf(url), {
      method: 'POST',
      headers,
      keepalive: new TextEncoder().encode(text).byteLength <= MAX_KEEPALIVE_BYTES,
      body: text,
    });
    answers.read(await response.text());
    return { status: response.status };
  };
}
