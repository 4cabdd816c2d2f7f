const DEFAULT_DEADLINE_MS = 30_000;
const STEP_MS = 5;

/** Waits until `condition` holds (or returns something) and fails loudly, naming it, if it does not within the deadline. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = DEFAULT_DEADLINE_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== null && result !== false) return result;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
