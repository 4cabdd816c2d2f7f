import { setImmediate as turnOfLoop } from 'node:timers/promises';

/** How long a report waits for others at most: with the 15 beats of a cohort at 5,000 a second a gateway needs an eighth less than with the two or three that one turn of the event loop brings. */
const COHORT_MS = 3;

let next: Promise<void> | undefined;

/**
 * Resolves `COHORT_MS` after the first who asked; everyone who asks until then gets the same promise. Reports that arrived
 * within that time so take each step together, one after the other: the code of a step is then in the processor's cache for
 * all but the first (cohort scheduling: Larus and Parkes, USENIX 2002), and their records leave for Kafka together.
 */
export function nextCohort(): Promise<void> {
  next ??= new Promise((resolve) => {
    setTimeout(() => {
      next = undefined;
      resolve();
    }, COHORT_MS);
  });
  return next;
}

/** Resolves when the reports that wait now are on their way to Kafka, at once when none do: starts and stops do not overtake them. */
export async function behindReports(): Promise<void> {
  if (next === undefined) return;
  await next;
  // All of its steps run in the turn that ended it.
  await turnOfLoop();
}
