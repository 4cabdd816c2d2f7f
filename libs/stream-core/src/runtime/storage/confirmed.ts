import { backoffMs, pause } from '../../kafka/retry.ts';

/** Resolves when the group has confirmed this member's generation, or on abort. Asked again, with backoff, for as long as it refuses or cannot be reached: a member that was replaced hears that from the group. A pause comes first, so that two owners that are both confirmed (two clusters that share a Redis) do not take the state from each other without end. Never rejects. */
export async function confirmed(confirmMembership: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    await pause(backoffMs(attempt), signal);
    try {
      await confirmMembership();
      return;
    } catch {
      // Refused, or away.
    }
  }
}
