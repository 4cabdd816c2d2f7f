/**
 * One instance ends the application everywhere (KIP-671): it joins the group again with a reason in its subscription, the
 * leader puts that into everybody's assignment, and whoever is given it ends in ERROR.
 */
import { readAssignment } from './assignment/streams-partition-assignor.ts';

/** What an instance asks the others for, and hears from them. */
export class ApplicationShutdown {
  /** What stands in the subscription; undefined: this instance does not ask. */
  reason: string | undefined;
  readonly #told = Promise.withResolvers<void>();
  readonly #rejoin: (reason: string) => void;

  /** `rejoin` brings the subscription to the group. */
  constructor(rejoin: (reason: string) => void) {
    this.#rejoin = rejoin;
  }

  /** Resolves when every member that is there has been told. */
  ask(reason: string): Promise<void> {
    this.reason = reason;
    this.#rejoin('the application is to end');
    return this.#told.promise;
  }

  /** Reads an assignment: why the application is to end, or undefined. */
  heardIn(assignment: Buffer): string | undefined {
    const { shutdown } = readAssignment(assignment);
    if (shutdown !== undefined) this.#told.resolve();
    // It was made of what this instance had said before.
    else if (this.reason !== undefined) this.#rejoin('the application is to end');
    return shutdown;
  }
}
