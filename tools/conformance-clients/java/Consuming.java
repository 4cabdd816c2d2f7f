import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reading a partition to its end, offsets by time, and one membership of a consumer group. */
final class Consuming {
  private static final Duration READ_LIMIT = Duration.ofSeconds(30);
  private final String servers;
  private KafkaConsumer<String, String> member;

  Consuming(String servers) {
    this.servers = servers;
  }

  void addTo(Map<String, Driver.Operation> operations) {
    operations.put("read", this::read);
    operations.put("offsetForTime", this::offsetForTime);
    operations.put("join", request -> {
      member = open(Map.of(ConsumerConfig.GROUP_ID_CONFIG, request.get("group").asText()));
      member.subscribe(List.of(request.get("topic").asText()));
      return null;
    });
    operations.put("poll", this::poll);
    operations.put("leave", request -> {
      member.close();
      return null;
    });
  }

  private Object read(JsonNode request) {
    TopicPartition partition = partition(request);
    try (KafkaConsumer<String, String> consumer =
        open(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, request.get("isolation").asText()))) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, request.path("from").asLong());
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long limit = System.nanoTime() + READ_LIMIT.toNanos();
      List<Object> records = new ArrayList<>();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > limit) throw new IllegalStateException("stuck at " + consumer.position(partition) + " of " + end);
        collect(consumer.poll(Duration.ofMillis(500)), records);
      }
      return records;
    }
  }

  private Object offsetForTime(JsonNode request) {
    TopicPartition partition = partition(request);
    try (KafkaConsumer<String, String> consumer = open(Map.of())) {
      OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, request.get("time").asLong())).get(partition);
      return found == null ? -1 : found.offset();
    }
  }

  private Object poll(JsonNode request) {
    List<Object> records = new ArrayList<>();
    collect(member.poll(Duration.ofMillis(request.get("forMs").asLong())), records);
    try {
      if (!records.isEmpty()) member.commitSync();
    } catch (CommitFailedException | RebalanceInProgressException rebalance) {
      // The next poll joins again.
    }
    List<Integer> assignment = new ArrayList<>();
    for (TopicPartition one : member.assignment()) assignment.add(one.partition());
    return Map.of("records", records, "assignment", assignment);
  }

  private static void collect(ConsumerRecords<String, String> polled, List<Object> records) {
    for (ConsumerRecord<String, String> one : polled) {
      records.add(Map.of("partition", one.partition(), "offset", one.offset(), "value", one.value()));
    }
  }

  private static TopicPartition partition(JsonNode request) {
    return new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
  }

  private KafkaConsumer<String, String> open(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 500);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }
}
