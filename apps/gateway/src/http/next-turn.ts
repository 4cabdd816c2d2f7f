let next: Promise<void> | undefined;

/**
 * Resolves when the event loop has taken in what is there now; everyone who asks in one turn gets the same promise. Requests
 * that arrived together so take each step together, one after the other: the code of a step is then in the processor's
 * cache for all but the first (cohort scheduling: Larus and Parkes, USENIX 2002). A beat that goes its whole way by itself
 * costs half as much again (docs/benchmarks.md).
 */
export function nextTurn(): Promise<void> {
  next ??= new Promise((resolve) => {
    setImmediate(() => {
      next = undefined;
      resolve();
    });
  });
  return next;
}
