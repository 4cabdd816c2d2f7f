package bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The same three topologies in the TopologyTestDriver of Kafka Streams itself: no caches, changelogs on, and the store that is its faster one: in memory for the count, RocksDB for the join
 * (whose store in memory looks through every millisecond of the window). Arguments: case, records, a directory for state.
 */
public final class DriverPeer {
  private static final int ACCOUNTS = 10_000;
  private static final long WINDOW_MS = 60_000;
  private static final long WINDOWS = 20;
  private static final long JOIN_WITHIN_MS = 5_000;
  private static final long BASE_MS = 1_763_683_200_000L;
  private static final int MAX_POSITION_MS = 7_200_000;
  private static final int WARM_UP_PASSES = 2;
  private static final String[] GENRES = new String[64];

  private static int state = 42;

  private static int below(int limit) {
    state += 0x6d2b79f5;
    int mixed = (state ^ (state >>> 15)) * (state | 1);
    mixed ^= mixed + (mixed ^ (mixed >>> 7)) * (mixed | 61);
    return (int) ((((mixed ^ (mixed >>> 14)) & 0xffffffffL) / 4_294_967_296.0) * limit);
  }

  private static Topology topologyOf(String name) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Long> beats = builder.stream("beats", Consumed.with(Serdes.String(), Serdes.Long()));
    switch (name) {
      case "stateless":
        beats
            .filter((key, position) -> position % 10 != 0)
            .mapValues(position -> position / 1000)
            .selectKey((key, seconds) -> GENRES[(int) (seconds & 63)])
            .to("out", Produced.with(Serdes.String(), Serdes.Long()));
        break;
      case "windowed-count":
        beats
            .groupByKey()
            .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(WINDOW_MS)))
            .count(
                Materialized.<String, Long, WindowStore<Bytes, byte[]>>as(BuiltInDslStoreSuppliers.IN_MEMORY)
                    .withKeySerde(Serdes.String())
                    .withValueSerde(Serdes.Long()))
            .toStream()
            .to("out", Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, WINDOW_MS), Serdes.Long()));
        break;
      default:
        KStream<String, Long> events = builder.stream("events", Consumed.with(Serdes.String(), Serdes.Long()));
        beats
            .join(
                events,
                Long::sum,
                JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofMillis(JOIN_WITHIN_MS)),
                StreamJoined.with(Serdes.String(), Serdes.Long(), Serdes.Long())
                    .withDslStoreSuppliers(BuiltInDslStoreSuppliers.ROCKS_DB))
            .to("out", Produced.with(Serdes.String(), Serdes.Long()));
    }
    return builder.build();
  }

  public static void main(String[] arguments) {
    String name = arguments[0];
    int count = Integer.parseInt(arguments[1]);
    for (int i = 0; i < GENRES.length; i++) GENRES[i] = "genre-" + i;
    String[] accounts = new String[ACCOUNTS];
    for (int i = 0; i < ACCOUNTS; i++) accounts[i] = "account-" + i;
    String[] keys = new String[count];
    Long[] values = new Long[count];
    boolean[] isRight = new boolean[count];
    long[] timestamps = new long[count];
    double spanMs =
        name.equals("stream-join") ? ((count / 2.0) * 2 * JOIN_WITHIN_MS) / ACCOUNTS : WINDOW_MS * WINDOWS;
    for (int i = 0; i < count; i++) {
      keys[i] = accounts[below(ACCOUNTS)];
      values[i] = (long) below(MAX_POSITION_MS);
      isRight[i] = below(2) == 1;
      timestamps[i] = BASE_MS + (long) Math.floor((spanMs * i) / count);
    }

    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    config.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);

    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The first passes warm up.
    for (int pass = 0; pass <= WARM_UP_PASSES; pass++) {
      try (TopologyTestDriver driver = new TopologyTestDriver(topologyOf(name), config)) {
        TestInputTopic<String, Long> beats = driver.createInputTopic("beats", new StringSerializer(), new LongSerializer());
        TestInputTopic<String, Long> events =
            name.equals("stream-join") ? driver.createInputTopic("events", new StringSerializer(), new LongSerializer()) : beats;
        long cpuBefore = system.getProcessCpuTime();
        long bytesBefore = threads.getCurrentThreadAllocatedBytes();
        long startedAt = System.nanoTime();
        for (int i = 0; i < count; i++) (isRight[i] ? events : beats).pipeInput(keys[i], values[i], timestamps[i]);
        double cpuSeconds = (system.getProcessCpuTime() - cpuBefore) / 1e9;
        double wallSeconds = (System.nanoTime() - startedAt) / 1e9;
        double bytes = (threads.getCurrentThreadAllocatedBytes() - bytesBefore) / (double) count;
        long sum = 0;
        var outputs = driver.createOutputTopic("out", new ByteArrayDeserializer(), new LongDeserializer()).readValuesToList();
        for (Long value : outputs) sum += value;
        if (pass < WARM_UP_PASSES) continue;
        System.out.printf(
            "RESULT {\"records\":%d,\"outputs\":%d,\"sum\":%d,\"cpuSeconds\":%s,\"wallSeconds\":%s,\"heapBytesPerRecord\":%s,\"promises\":0}%n",
            count, outputs.size(), sum, cpuSeconds, wallSeconds, bytes);
      }
    }
  }
}
