/**
 * Makes an application begin anew. Every step may be repeated; the record of the topology goes last, so that after a reset
 * that was interrupted the next one still knows what to delete.
 *
 *     no members ─▶ stored state ─▶ offsets of inputs ─▶ forget those of internal topics ─▶ delete internal topics ─▶ delete the record
 */
import { GroupAdmin } from '../../kafka/group-admin.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import { TopologyLog } from '../topology-check/topology-log.ts';
import type { StateOptions } from '../storage/state-options.ts';
import { wipeState } from './wipe-state.ts';
import { planReset, type ResetPlan, type ResetRequest } from './reset-plan.ts';

/** What `resetApplication` takes. */
export interface ResetOptions extends ResetRequest {
  /** Only work out what would be done. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Stored state to wipe: the setting of an instance. Without it instances forget their state by themselves when they begin. */
  readonly state?: StateOptions | undefined;
}

/** What was done, or would be. */
export interface ResetResult extends ResetPlan {
  /** Tasks whose stored state was wiped. */
  readonly wipedTasks: readonly string[];
}

/**
 * Sets the application's inputs to where they shall begin and deletes its internal topics; gives what was done, or would be. The topics it writes and its dead letters stay. State on disk and in Redis
 * is of an incarnation that is over: instances discard it when they find it. Rejects with `StreamsError` (STREAMS_INVALID_STATE) while the application has members and `ArgumentError` when nothing is known of it.
 */
export async function resetApplication(client: KafkaClient, options: ResetOptions): Promise<ResetResult> {
  const { applicationId, dryRun = false, state = 'memory' } = options;
  const group = new GroupAdmin(client, applicationId);
  const log = new TopologyLog(client, { applicationId, replicationFactor: -1 });
  const plan = await planReset(options, { client, group, log, now: Date.now });
  // First: it fails when an instance still has the directory.
  const wipedTasks = await wipeState(state, { applicationId, dryRun });
  if (dryRun) return { ...plan, wipedTasks };
  // Without the metadata of the application's own commits: no stored state is of the same life.
  await group.commit(plan.offsets.map(({ topic, partition, to }) => ({ topic, partition, offset: to })));
  await group.forget(plan.forgotten);
  for (const topic of plan.deletedTopics) await client.deleteTopics([topic]);
  return { ...plan, wipedTasks };
}
