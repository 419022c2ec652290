package io.github.rlhf4j.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Routes of a page without a server, for tests. */
public final class KnownRoutes implements Routes {
    private final Map<String, Answer> gets = new HashMap<>();
    private final Map<String, Answer> posts = new HashMap<>();
    private final Map<String, Events> events = new HashMap<>();

    @Override
    public void get(String path, Answer answer) {
        gets.put(path, answer);
    }

    @Override
    public void post(String path, Answer answer) {
        posts.put(path, answer);
    }

    @Override
    public void events(String path, Events source) {
        events.put(path, source);
    }

    @Override
    public void page(String path, Page page) {
        throw new UnsupportedOperationException(path); // Asked has these
    }

    /** Asks without parameters. */
    public JsonNode get(String path) {
        return get(path, Map.of());
    }

    /** Asks. */
    public JsonNode get(String path, Map<String, String> query) {
        return Objects.requireNonNull(gets.get(path), path).of(WebRequest.of(query));
    }

    /** Has something done. */
    public JsonNode post(String path, JsonNode body) {
        return Objects.requireNonNull(posts.get(path), path).of(new WebRequest(Map.of(), body));
    }

    /** Listens. */
    public Listener listen(String path, Map<String, String> query) {
        Listener listener = new Listener();
        listener.watch = Objects.requireNonNull(events.get(path), path).begin(WebRequest.of(query), listener);
        return listener;
    }

    /** What is sent. */
    public static final class Listener implements Sink, AutoCloseable {
        private final BlockingQueue<Map.Entry<String, JsonNode>> sent = new LinkedBlockingQueue<>();
        private AutoCloseable watch = () -> {};

        @Override
        public void send(String event, JsonNode data) {
            sent.add(Map.entry(event, data.deepCopy()));
        }

        @Override
        public void end() {}

        /** The next event of this name; others are passed over. */
        public JsonNode await(String event) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() < end) {
                Map.Entry<String, JsonNode> next = sent.poll(1, TimeUnit.SECONDS);
                if (next != null && next.getKey().equals(event)) {
                    return next.getValue();
                }
            }
            assertThat(event).as("is not told").isEmpty();
            throw new AssertionError(event);
        }

        @Override
        public void close() {
            try {
                watch.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
