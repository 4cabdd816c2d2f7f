import {
  deleteGroupsApi,
  deleteTopicsApi,
  describeGroupsApi,
  leaveGroupApi,
  listGroupsApi,
  metadataApi,
} from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';

/** Deletes the topics and groups that frames have made, which is no leak, but for the topics to keep. */
export async function clearBroker(port: number, keep: readonly string[]): Promise<void> {
  const client = await RawClient.connect(port);
  const { topics } = await client.send(metadataApi, 8, { topics: null });
  const topicNames = topics.map(({ name }) => name).filter((name) => !keep.includes(name));
  if (topicNames.length > 0) await client.send(deleteTopicsApi, 3, { topicNames, timeoutMs: 30_000 });
  const { groups } = await client.send(listGroupsApi, 2, {});
  for (const { groupId } of groups) {
    const described = await client.send(describeGroupsApi, 4, { groups: [groupId] });
    const members = (described.groups[0]?.members ?? []).map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
    }));
    if (members.length > 0) await client.send(leaveGroupApi, 3, { groupId, members });
    await client.send(deleteGroupsApi, 1, { groupsNames: [groupId] });
  }
  await client.close();
}
