const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The usual exit code after SIGINT. */
const INTERRUPTED = 130;
/** npm passes Ctrl-C on to a process that the terminal has told already: the same signal comes twice at once. */
const SAME_SIGNAL_MS = 1_000;

/** How often npm's end is looked for. */
const PARENT_LOOK_MS = 500;

/** Resolves at the first signal, and when npm, having started this, is gone (killed, so that it could pass nothing on). At a signal that comes more than a second later, `kill` is called and the process ends at once. */
export function stopRequest(kill: () => void): Promise<void> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined;
    if (process.env['npm_lifecycle_event'] !== undefined) whenParentEnds(resolve);
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        askedAtMs ??= performance.now();
        resolve();
        if (performance.now() - askedAtMs <= SAME_SIGNAL_MS) return;
        kill();
        process.exit(INTERRUPTED);
      });
    }
  });
}

function whenParentEnds(then: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) then();
  }, PARENT_LOOK_MS);
  timer.unref();
}
