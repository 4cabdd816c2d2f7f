import type { Random } from './random.ts';

/** A person in front of a screen; its token says just this. */
export interface ViewerSeat {
  readonly account: string;
  readonly profile: string;
  readonly device: string;
}

/** What an operator sets for an account before its viewers begin. */
export interface AccountPlan {
  readonly account: string;
  readonly plan: string;
  readonly maxStreams: number;
}

/** All simulated viewers and the accounts that have a plan of their own. */
export interface Population {
  readonly seats: readonly ViewerSeat[];
  readonly plans: readonly AccountPlan[];
}

/** Households: how many watch on one account, how common that is, and whether the account has more than it may have. */
const HOUSEHOLDS = [
  { viewers: 1, share: 0.55, plan: undefined },
  { viewers: 2, share: 0.22, plan: undefined },
  { viewers: 1, share: 0.05, plan: { plan: 'basic', maxStreams: 1 } },
  { viewers: 4, share: 0.08, plan: { plan: 'family', maxStreams: 4 } },
  // The ones that share their password: more screens than streams, so that starts are refused.
  { viewers: 4, share: 0.07, plan: undefined },
  { viewers: 3, share: 0.03, plan: { plan: 'basic', maxStreams: 1 } },
] as const;
const DEVICES = ['tv', 'phone', 'tablet', 'web'];

/** Spreads the viewers over accounts `sim-1`, `sim-2`, …: names that nobody takes who tries the API by hand. */
export function createPopulation(viewers: number, random: Random): Population {
  const seats: ViewerSeat[] = [];
  const plans: AccountPlan[] = [];
  for (let number = 1; seats.length < viewers; number++) {
    const household = pickHousehold(random);
    const account = `sim-${number}`;
    if (household.plan !== undefined) plans.push({ account, ...household.plan });
    for (let i = 0; i < household.viewers && seats.length < viewers; i++) {
      seats.push({ account, profile: `p-${i + 1}`, device: `${DEVICES[i % DEVICES.length]}-${number}-${i + 1}` });
    }
  }
  return { seats, plans };
}

function pickHousehold(random: Random): (typeof HOUSEHOLDS)[number] {
  let left = random.next();
  for (const household of HOUSEHOLDS) {
    left -= household.share;
    if (left < 0) return household;
  }
  return HOUSEHOLDS[0];
}
