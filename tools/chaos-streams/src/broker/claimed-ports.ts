import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { isFree } from '@playhead/start/testing';

/** Below the range from which clients get their ports. */
const FIRST = 19_791;
const LAST = 19_991;
/** The broker's, its controller's, and one that says that both are taken. */
const STEP = 3;

/** A port for a broker and the one after it for its controller: nobody else who asks gets them, also before the broker listens and while it restarts. */
export interface ClaimedPorts {
  readonly broker: number;
  release(): void;
}

/** Claims are seen by all processes of the machine, and end with their process. Rejects when all are taken. */
export async function claimPorts(): Promise<ClaimedPorts> {
  for (let broker = FIRST; broker + STEP <= LAST; broker += STEP) {
    const claim = await listen(broker + STEP - 1);
    if (claim === undefined) continue;
    if ((await isFree(broker)) && (await isFree(broker + 1))) {
      claim.unref();
      return { broker, release: () => claim.close() };
    }
    claim.close();
  }
  throw new Error(`no free ports for a broker between ${FIRST} and ${LAST}`);
}

/** Undefined: somebody listens there. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
