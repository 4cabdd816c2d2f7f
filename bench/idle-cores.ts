import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** The kernel's interface for the longest that an idle core may need to wake up (Linux, power/pm_qos_interface); a request holds while the file is open. */
const LATENCY_REQUEST = '/dev/cpu_dma_latency';
/** What a core that must wake at once does: without a driver, and on other processors, it is halted all the same. */
const FIRST_IDLE_STATE = '/sys/devices/system/cpu/cpu0/cpuidle/state0/name';

/**
 * Has idle cores poll for work instead of halting until `end`, as the kernel's `idle=poll` does. Undefined where the
 * machine does not do it, or not for this user.
 */
export function pollIdleCores(): { readonly end: () => void } | undefined {
  try {
    if (readFileSync(FIRST_IDLE_STATE, 'latin1').trim() !== 'POLL') return undefined;
    return request(openSync(LATENCY_REQUEST, 'w'));
  } catch {
    return undefined;
  }
}

function request(file: number): { readonly end: () => void } {
  const microseconds = Buffer.alloc(4);
  try {
    writeSync(file, microseconds);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return { end: () => closeSync(file) };
}
