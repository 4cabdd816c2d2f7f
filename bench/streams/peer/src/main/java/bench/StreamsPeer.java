package bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/**
 * The windowed count on Kafka Streams at its best setting: no cache (there is about one record per key and window), one thread, its defaults otherwise. For latency nothing lingers and a
 * commit comes every 100 ms. Arguments: those of job-arguments.ts as name=value, and schema=file.
 */
public final class StreamsPeer {
  private static final long WINDOW_MS = 60_000;
  private static final int SCHEMA_PREFIX = 5;
  private static final OperatingSystemMXBean OS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final CountDownLatch DONE = new CountDownLatch(1);

  private record Moment(long cpuNanos, long nanos) {
    static Moment now() {
      return new Moment(OS.getProcessCpuTime(), System.nanoTime());
    }

    String costUntil(Moment end) {
      return String.format(Locale.ROOT, "{\"cpuSeconds\":%.3f,\"wallSeconds\":%.3f}",
          (end.cpuNanos - cpuNanos) / 1e9, (end.nanos - nanos) / 1e9);
    }
  }

  private static long expected;
  private static long records;
  private static Moment first;
  private static Moment middle;
  private static Moment last;

  private StreamsPeer() {}

  private static void tick() {
    records++;
    if (records == 1) first = Moment.now();
    else if (records == expected / 2) middle = Moment.now();
    else if (records == expected) {
      last = Moment.now();
      DONE.countDown();
    }
  }

  private static Serde<GenericRecord> avro(Schema schema) {
    GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema);
    Deserializer<GenericRecord> deserializer = new Deserializer<>() {
      private BinaryDecoder decoder;

      @Override
      public GenericRecord deserialize(String topic, byte[] bytes) {
        try {
          decoder = DecoderFactory.get().binaryDecoder(bytes, SCHEMA_PREFIX, bytes.length - SCHEMA_PREFIX, decoder);
          return reader.read(null, decoder);
        } catch (IOException error) {
          throw new UncheckedIOException(error);
        }
      }
    };
    return Serdes.serdeFrom((topic, value) -> {
      throw new UnsupportedOperationException("heartbeats are only read");
    }, deserializer);
  }

  private static Properties settings(Map<String, String> job) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.get("application"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.get("brokers"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, job.get("stateDir"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put("auto.offset.reset", "earliest");
    if (job.get("guarantee").equals("exactly_once"))
      settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    if (job.get("aim").equals("latency")) {
      settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
      settings.put("producer.linger.ms", 0);
    }
    return settings;
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> job = new HashMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      job.put(pair[0], pair[1]);
    }
    expected = Long.parseLong(job.get("records"));
    Schema schema = new Schema.Parser().parse(Files.readString(Path.of(job.get("schema"))));
    Duration size = Duration.ofMillis(WINDOW_MS);
    Duration retention = size.multipliedBy(2);
    WindowBytesStoreSupplier store = job.get("store").equals("disk")
        ? Stores.persistentWindowStore("counts", retention, size, false)
        : Stores.inMemoryWindowStore("counts", retention, size, false);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(job.get("topic"), Consumed.with(Serdes.String(), avro(schema)))
        .peek((key, value) -> tick())
        .groupByKey(Grouped.with(Serdes.String(), avro(schema)))
        .windowedBy(TimeWindows.ofSizeAndGrace(size, size))
        .count(Materialized.<String, Long>as(store).withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .to(job.get("application") + "-out",
            Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, WINDOW_MS), Serdes.Long()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings(job));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      System.exit(1);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    endWithStandardInput();
    streams.start();
    DONE.await();
    streams.close();
    Moment closed = Moment.now();
    if (first == null) first = closed;
    if (middle == null) middle = closed;
    if (last == null) last = closed;
    System.out.printf(Locale.ROOT,
        "RESULT {\"records\":%d,\"whole\":%s,\"secondHalf\":%s,\"processCpuSeconds\":%.3f,\"residentMB\":%.0f}%n", records,
        first.costUntil(closed), middle.costUntil(last), closed.cpuNanos / 1e9, residentMegabytes());
    System.exit(0);
  }

  private static void endWithStandardInput() {
    Thread waiting = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {
          // Nothing is said there; its end is the sign.
        }
      } catch (IOException error) {
        // Gone is ended, too.
      }
      DONE.countDown();
    });
    waiting.setDaemon(true);
    waiting.start();
  }

  private static double residentMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status")))
      if (line.startsWith("VmRSS:")) return Double.parseDouble(line.replaceAll("\\D+", "")) / 1024;
    return 0;
  }
}
