import { openSync, readFileSync, writeSync } from 'node:fs';

/** The kernel's interface for the longest that an idle core may need to wake up (Linux, power/pm_qos_interface). */
const LATENCY_REQUEST = '/dev/cpu_dma_latency';
/** What a core that must wake at once does: without a driver, and on other processors, it is halted all the same. */
const FIRST_IDLE_STATE = '/sys/devices/system/cpu/cpu0/cpuidle/state0/name';

/**
 * Has idle cores poll for work instead of halting, as the kernel's `idle=poll` does, until this process ends: a request
 * holds as long as its file is open. False where the machine does not do it, or not for this user.
 */
export function pollIdleCores(): boolean {
  try {
    if (readFileSync(FIRST_IDLE_STATE, 'latin1').trim() !== 'POLL') return false;
    const microseconds = Buffer.alloc(4);
    writeSync(openSync(LATENCY_REQUEST, 'w'), microseconds);
    return true;
  } catch {
    return false;
  }
}
