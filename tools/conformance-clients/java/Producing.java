import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Idempotent and transactional producers, one per codec and transactional id. */
final class Producing {
  private final String servers;
  private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();

  Producing(String servers) {
    this.servers = servers;
  }

  void addTo(Map<String, Driver.Operation> operations) {
    operations.put("send", this::send);
    operations.put("begin", request -> {
      producer(request).beginTransaction();
      return null;
    });
    operations.put("sendOffsets", request -> {
      TopicPartition partition = new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
      producer(request).sendOffsetsToTransaction(
          Map.of(partition, new OffsetAndMetadata(request.get("offset").asLong())), memberless(request.get("group").asText()));
      return null;
    });
    operations.put("commit", request -> {
      producer(request).commitTransaction();
      return null;
    });
    operations.put("abort", request -> {
      producer(request).abortTransaction();
      return null;
    });
  }

  private Object send(JsonNode request) throws Exception {
    KafkaProducer<String, String> producer = producer(request);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (JsonNode value : request.get("values")) {
      sent.add(producer.send(
          new ProducerRecord<>(request.get("topic").asText(), request.get("partition").asInt(), null, value.asText())));
      if (request.path("paceMs").asInt() > 0) Thread.sleep(request.get("paceMs").asInt());
    }
    producer.flush();
    List<Long> offsets = new ArrayList<>();
    for (Future<RecordMetadata> one : sent) offsets.add(one.get().offset());
    return offsets;
  }

  private ConsumerGroupMetadata memberless(String group) {
    Map<String, Object> settings =
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers, ConsumerConfig.GROUP_ID_CONFIG, group);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      return consumer.groupMetadata();
    }
  }

  private KafkaProducer<String, String> producer(JsonNode request) {
    String codec = request.path("codec").asText("none");
    String transactionalId = request.path("transactionalId").asText("");
    return producers.computeIfAbsent(codec + " " + transactionalId, key -> open(codec, transactionalId));
  }

  private KafkaProducer<String, String> open(String codec, String transactionalId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, codec);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
    // An Apache Kafka that starts again on a busy machine takes longer than the default of a minute.
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 150_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 150_000);
    if (!transactionalId.isEmpty()) settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    if (!transactionalId.isEmpty()) producer.initTransactions();
    return producer;
  }
}
