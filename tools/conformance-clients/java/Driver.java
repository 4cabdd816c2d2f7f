import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.utils.AppInfoParser;

/** Drives the Java clients: one JSON request a line on standard input, one JSON answer a line on standard output. Argument: bootstrap servers. */
public final class Driver {
  static final ObjectMapper JSON = new ObjectMapper();

  /** What one operation does: request in, result out. */
  interface Operation {
    Object apply(JsonNode request) throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("--version")) {
      System.out.println(AppInfoParser.getVersion());
      return;
    }
    PrintStream answers = System.out;
    // Whatever else a library prints is no answer.
    System.setOut(System.err);
    Map<String, Operation> operations = new HashMap<>();
    new Producing(arguments[0]).addTo(operations);
    new Consuming(arguments[0]).addTo(operations);
    new Administering(arguments[0]).addTo(operations);
    new StreamsApplication(arguments[0]).addTo(operations);
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = requests.readLine()) != null; ) {
      JsonNode request = JSON.readTree(line);
      ObjectNode answer = JSON.createObjectNode().put("id", request.get("id").asInt());
      try {
        answer.set("result", JSON.valueToTree(operations.get(request.get("operation").asText()).apply(request)));
      } catch (Throwable error) {
        describe(error, answer.putObject("error"));
      }
      answers.println(JSON.writeValueAsString(answer));
      answers.flush();
    }
    // Parked client threads must not outlive the input.
    Runtime.getRuntime().halt(0);
  }

  private static void describe(Throwable error, ObjectNode into) {
    Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
    boolean fenced = false;
    for (Throwable one = cause; one != null; one = one.getCause()) {
      fenced |= one instanceof ProducerFencedException || one instanceof InvalidProducerEpochException;
    }
    into.put("name", cause.getClass().getSimpleName());
    into.put("message", String.valueOf(cause.getMessage()));
    into.put("fenced", fenced);
  }
}
