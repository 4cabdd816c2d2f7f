/** What fell due while this process was away follows at no more than so many times the rate: players do not beat together because a load was stopped. */
const CATCH_UP = 1.5;
/** A turn of the loop that was longer makes no greater burst. */
const MAX_TURN_MS = 5;

/** When a steady rate ends. */
export interface Until {
  readonly total?: number;
  readonly ended?: AbortSignal;
}

/** Begins `act`, which never rejects, so often a second, whether the last ones are done or not; resolves when all are. */
export async function steadily(
  perSecond: number,
  { total = Infinity, ended, awake }: Until & { readonly awake: boolean },
  act: (i: number) => Promise<unknown>,
): Promise<void> {
  const under = new Set<Promise<unknown>>();
  const startedAt = performance.now();
  let last = startedAt;
  let allowed = 0;
  for (let begun = 0; begun < total;) {
    if (ended?.aborted === true) break;
    const now = performance.now();
    const due = Math.min(total, Math.floor(((now - startedAt) / 1000) * perSecond));
    allowed += (Math.min(now - last, MAX_TURN_MS) / 1000) * perSecond * CATCH_UP;
    last = now;
    for (; begun < due && allowed >= 1; begun++, allowed--) {
      const acting = act(begun).finally(() => under.delete(acting));
      under.add(acting);
    }
    if (begun === due) allowed = Math.min(allowed, 1);
    await new Promise((resolve) => (awake ? setImmediate(resolve) : setTimeout(resolve, 1)));
  }
  await Promise.all(under);
}
