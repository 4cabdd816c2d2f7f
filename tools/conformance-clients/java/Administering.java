import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ConsumerGroupListing;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The Admin client. */
final class Administering {
  private final String servers;
  private Admin admin;

  Administering(String servers) {
    this.servers = servers;
  }

  void addTo(Map<String, Driver.Operation> operations) {
    operations.put("createTopic", request -> {
      NewTopic topic = new NewTopic(topic(request), Optional.of(request.get("partitions").asInt()), Optional.empty());
      Map<String, String> configs = new HashMap<>();
      request.path("configs").properties().forEach(one -> configs.put(one.getKey(), one.getValue().asText()));
      admin().createTopics(List.of(topic.configs(configs))).all().get();
      return null;
    });
    operations.put("describeTopic", request ->
        admin().describeTopics(List.of(topic(request))).allTopicNames().get().get(topic(request)).partitions().size());
    operations.put("listTopics", request -> admin().listTopics().names().get());
    operations.put("describeConfig", request -> {
      ConfigResource resource = resource(request);
      return admin().describeConfigs(List.of(resource)).all().get().get(resource).get(request.get("name").asText()).value();
    });
    operations.put("alterConfig", request -> {
      ConfigEntry entry = new ConfigEntry(request.get("name").asText(), request.get("value").asText());
      admin().incrementalAlterConfigs(Map.of(resource(request), List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET)))).all().get();
      return null;
    });
    operations.put("growTopic", request -> {
      admin().createPartitions(Map.of(topic(request), NewPartitions.increaseTo(request.get("partitions").asInt()))).all().get();
      return null;
    });
    operations.put("deleteRecords", request -> {
      admin().deleteRecords(Map.of(partition(request), RecordsToDelete.beforeOffset(request.get("before").asLong()))).all().get();
      return null;
    });
    operations.put("deleteTopic", request -> {
      admin().deleteTopics(List.of(topic(request))).all().get();
      return null;
    });
    addGroupsTo(operations);
  }

  private void addGroupsTo(Map<String, Driver.Operation> operations) {
    operations.put("listGroups", request ->
        admin().listGroups().all().get().stream().map(group -> group.groupId()).collect(Collectors.toList()));
    operations.put("describeGroup", request -> {
      ConsumerGroupDescription group =
          admin().describeConsumerGroups(List.of(group(request))).all().get().get(group(request));
      return Map.of("state", group.groupState().toString(), "members", group.members().size());
    });
    operations.put("committed", request -> {
      OffsetAndMetadata found = admin().listConsumerGroupOffsets(group(request))
          .partitionsToOffsetAndMetadata().get().get(partition(request));
      return found == null ? -1 : found.offset();
    });
    operations.put("alterOffset", request -> {
      admin().alterConsumerGroupOffsets(group(request),
          Map.of(partition(request), new OffsetAndMetadata(request.get("offset").asLong()))).all().get();
      return null;
    });
    operations.put("deleteOffset", request -> {
      admin().deleteConsumerGroupOffsets(group(request), Set.of(partition(request))).all().get();
      return null;
    });
    operations.put("deleteGroup", request -> {
      admin().deleteConsumerGroups(List.of(group(request))).all().get();
      return null;
    });
  }

  private Admin admin() {
    if (admin == null) admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers));
    return admin;
  }

  private static String topic(JsonNode request) {
    return request.get("topic").asText();
  }

  private static String group(JsonNode request) {
    return request.get("group").asText();
  }

  private static TopicPartition partition(JsonNode request) {
    return new TopicPartition(topic(request), request.get("partition").asInt());
  }

  private static ConfigResource resource(JsonNode request) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic(request));
  }
}
