/** Where the coordinator takes its time from, so that tests can give it a virtual one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after the delay; answers the function that prevents it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Real time; its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
