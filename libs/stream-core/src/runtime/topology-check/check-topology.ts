/**
 * The check at each start: what ran last is in `<application id>-topology`; what is to run now must be able to take over
 * its state. The record is written before the internal topics are made, so that an instance that finds such a topic also
 * finds the record that explains it.
 */
import { randomUUID } from 'node:crypto';
import { TopologyError } from '../../errors.ts';
import type { Logger } from '../../kafka/types.ts';
import { compareShapes, type TopologyDifference } from './compare-shapes.ts';
import { hasState, type TopologyRecord, type TopologyShape } from './topology-shape.ts';

/** What becomes of a change that the application's state does not survive. */
export type TopologyChanges = 'refuse' | 'accept';

/** What the check works with. */
export interface TopologyCheckOptions {
  readonly applicationId: string;
  readonly changes: TopologyChanges;
  readonly log: { read(): Promise<TopologyRecord | undefined>; write(record: TopologyRecord): Promise<void> };
  readonly logger: Logger;
}

/** Compares with what ran last and writes down what runs now. `existing`, internal topics that are there, must have been asked for before the call. Gives the application's incarnation, undefined for one that keeps nothing. Rejects with `TopologyError` when the change is refused: nothing has been changed then. */
export async function checkTopology(
  shape: TopologyShape,
  existing: ReadonlySet<string>,
  { applicationId, changes, log, logger }: TopologyCheckOptions,
): Promise<string | undefined> {
  const before = await log.read();
  if (before === undefined) return hasState(shape) ? await begin(shape, log) : undefined;
  const { incarnation } = before;
  if (JSON.stringify(before.shape) === JSON.stringify(shape)) return incarnation;
  const difference = compareShapes(before.shape, shape, existing);
  if (difference.incompatible.length > 0 && changes === 'refuse') throw refusal(applicationId, difference);
  await log.write({ incarnation, shape });
  const accepted = difference.incompatible.map(({ change }) => change);
  const fields = { applicationId, changes: difference.compatible, accepted };
  // The last one's record may say less of it.
  if (accepted.length + difference.compatible.length === 0) return incarnation;
  if (accepted.length > 0) logger.warn(fields, 'the topology has changed, also in what its state does not survive');
  else logger.info(fields, 'the topology has changed');
  return incarnation;
}

/** Of instances that begin at the same time the last one's record stays. */
async function begin(shape: TopologyShape, log: TopologyCheckOptions['log']): Promise<string> {
  const drawn = randomUUID();
  await log.write({ incarnation: drawn, shape });
  return (await log.read())?.incarnation ?? drawn;
}

function refusal(applicationId: string, { incompatible }: TopologyDifference): TopologyError {
  const changes = incompatible.map(({ change, remedy }, at) => `(${at + 1}) ${change}: ${remedy}`).join('; ');
  return new TopologyError(
    `the topology of ${applicationId} has changed in a way that its state does not survive: ${changes}. To start with empty state instead, reset the application (npm run streams:reset -- --application-id ${applicationId}); to leave behind what no longer fits, set topologyChanges: 'accept' for one start`,
  );
}
