package io.github.rlhf4j.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A server in this process, on this machine's own address: it answers JSON by JSON, and fails where a test says so.
 *
 * <pre>
 *   try (FaultyServer server = FaultyServer.answering(question -&gt; scores(question))) {
 *       server.next(Fault.status(500), Fault.cut());   // the first two requests
 *       ... server.url("/score") ...
 *       assertThat(server.requests()).hasSize(3);
 *   }
 * </pre>
 */
public final class FaultyServer implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "faulty server");
        thread.setDaemon(true);
        return thread;
    });
    private final Function<JsonNode, JsonNode> answer;
    private final List<JsonNode> requests = new ArrayList<>();
    private final List<Map<String, String>> headers = new ArrayList<>();
    private final Deque<Fault> next = new ArrayDeque<>();
    private Fault always = Fault.NONE;
    private int underWay;
    private int mostUnderWay;

    private FaultyServer(Function<JsonNode, JsonNode> answer) {
        this.answer = answer;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** A server that answers well; called by several threads. */
    public static FaultyServer answering(Function<JsonNode, JsonNode> answer) {
        return new FaultyServer(answer);
    }

    /** The URL of a path such as {@code /score}. */
    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** What becomes of the following requests, one after the other. */
    public synchronized void next(Fault... faults) {
        next.addAll(List.of(faults));
    }

    /** What becomes of all requests that {@link #next} says nothing of. */
    public synchronized void always(Fault fault) {
        always = fault;
    }

    /** The bodies so far, in the order in which they came. */
    public synchronized List<JsonNode> requests() {
        return List.copyOf(requests);
    }

    /** The headers of the requests so far, by names in whatever case. */
    public synchronized List<Map<String, String>> headers() {
        return List.copyOf(headers);
    }

    /** How many requests were under way at once, at most. */
    public synchronized int mostUnderWay() {
        return mostUnderWay;
    }

    private synchronized Fault began(JsonNode body, HttpExchange exchange) {
        requests.add(body);
        Map<String, String> given = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> given.put(name, String.join(",", values)));
        headers.add(given);
        mostUnderWay = Math.max(mostUnderWay, ++underWay);
        return next.isEmpty() ? always : next.removeFirst();
    }

    private synchronized void ended() {
        underWay--;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode question = MAPPER.readTree(exchange.getRequestBody());
            Fault fault = began(question, exchange);
            try {
                Thread.sleep(fault.delay().toMillis());
                String text =
                        fault.body().orElseGet(() -> answer.apply(question).toString());
                send(exchange, fault, text.getBytes(StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended();
            }
        }
    }

    private static void send(HttpExchange exchange, Fault fault, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (!fault.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", fault.retryAfter());
        }
        exchange.sendResponseHeaders(fault.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body, 0, fault.isCut() ? body.length / 2 : body.length);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
