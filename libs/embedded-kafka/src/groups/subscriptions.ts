import { ByteReader } from '@playhead/kafka-protocol';
import type { Group } from './group.ts';

/**
 * The topics that members of a consumer group have subscribed to. What they tell their leader is opaque to the broker but for this, as in Kafka: a
 * version, then the topics. Null where somebody's words are not of that form.
 */
export function subscribedTopics(group: Group): ReadonlySet<string> | null {
  const topics = new Set<string>();
  try {
    for (const member of group.members()) {
      const metadata = member.metadataFor(group.protocolName ?? member.profile.protocols[0]?.name ?? '');
      const reader = new ByteReader(metadata);
      reader.int16();
      const count = reader.int32();
      for (let i = 0; i < count; i++) topics.add(reader.nullableString() ?? '');
    }
    return topics;
  } catch {
    return null;
  }
}
