import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * A Kafka Streams application with exactly_once_v2: a record's value becomes its key (a repartition topic) and is counted (a store with a changelog);
 * every new count goes to the output topic. One that is told to fails once at its nth record, in the middle of a transaction.
 */
final class StreamsApplication {
  private final String servers;
  private KafkaStreams streams;
  private final AtomicLong failures = new AtomicLong();

  StreamsApplication(String servers) {
    this.servers = servers;
  }

  void addTo(Map<String, Driver.Operation> operations) {
    operations.put("startStreams", request -> {
      start(request);
      return null;
    });
    operations.put("streamsState", request -> Map.of(
        "state", streams.state().name(),
        "failures", failures.get(),
        "tasks", streams.metadataForLocalThreads().stream().mapToInt(thread -> thread.activeTasks().size()).sum()));
    operations.put("stopStreams", request ->
        streams.close(CloseOptions.timeout(Duration.ofSeconds(20)).withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)));
  }

  private void start(JsonNode request) {
    long failAt = request.path("failAt").asLong(0);
    AtomicLong seen = new AtomicLong();
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream(request.get("input").asText())
        .map((key, value) -> KeyValue.pair(value, value))
        .groupByKey(Grouped.as("by-value"))
        .count(Materialized.as("counts"))
        .toStream()
        .mapValues((key, count) -> {
          if (seen.incrementAndGet() == failAt) {
            failures.incrementAndGet();
            throw new IllegalStateException("told to fail at record " + failAt);
          }
          return key + "=" + count;
        })
        .to(request.get("output").asText(), Produced.with(Serdes.String(), Serdes.String()));
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, request.get("application").asText());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, request.get("stateDirectory").asText());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.producerPrefix("compression.type"), request.path("codec").asText("none"));
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 10_000);
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
    settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 500);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put("reconnect.backoff.max.ms", 200);
    streams = new KafkaStreams(builder.build(), settings);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
  }
}
