import { closeSync, openSync, writeSync } from 'node:fs';

/** The kernel's interface for the longest that an idle core may need to wake up (Linux, power/pm_qos_interface); a request holds while the file is open. */
const LATENCY_REQUEST = '/dev/cpu_dma_latency';

/**
 * Has idle cores poll for work instead of halting until `end`, as the kernel's `idle=poll` does. Undefined where the
 * machine does not offer it to this user.
 */
export function pollIdleCores(): { readonly end: () => void } | undefined {
  try {
    const request = openSync(LATENCY_REQUEST, 'w');
    const microseconds = Buffer.alloc(4);
    writeSync(request, microseconds);
    return { end: () => closeSync(request) };
  } catch {
    return undefined;
  }
}
