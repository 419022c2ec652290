package io.github.rlhf4j.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks a page without a server. */
public final class Asked implements Routes {
    private final Map<String, Answer> gets = new HashMap<>();
    private final Map<String, Answer> posts = new HashMap<>();
    private final Map<String, Page> pages = new HashMap<>();
    private final Map<String, Events> events = new HashMap<>();

    /** Of that page. */
    public Asked(WebPage page) {
        page.routes(this);
    }

    @Override
    public void get(String path, Answer answer) {
        gets.put(path, answer);
    }

    @Override
    public void post(String path, Answer answer) {
        posts.put(path, answer);
    }

    @Override
    public void events(String path, Events begin) {
        events.put(path, begin);
    }

    @Override
    public void page(String path, Page page) {
        pages.put(path, page);
    }

    /** Asks for a page of its own. */
    public String page(String path, String... parameters) {
        return Objects.requireNonNull(pages.get(path), path).of(WebRequest.of(query(parameters)));
    }

    /** Asks, with parameters: name, value, name, value. */
    public JsonNode get(String path, String... parameters) {
        return get(path, query(parameters));
    }

    /** Asks. */
    public JsonNode get(String path, Map<String, String> query) {
        return Objects.requireNonNull(gets.get(path), path).of(WebRequest.of(query));
    }

    /** Has something done; the body is JSON, for which ' stands for ". */
    public JsonNode post(String path, String body) {
        try {
            return post(path, Json.MAPPER.readTree(body.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body, e);
        }
    }

    /** Has something done. */
    public JsonNode post(String path, JsonNode body) {
        return Objects.requireNonNull(posts.get(path), path).of(new WebRequest(Map.of(), body));
    }

    private static Map<String, String> query(String... parameters) {
        Map<String, String> query = new LinkedHashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            query.put(parameters[i], parameters[i + 1]);
        }
        return query;
    }

    /** Listens until the end, a minute at most. */
    public List<Event> events(String path, String... parameters) throws InterruptedException {
        try (Listener listener = listen(path, query(parameters))) {
            return listener.all();
        }
    }

    /** Listens. */
    public Listener listen(String path, Map<String, String> query) {
        Listener listener = new Listener();
        listener.watch = Objects.requireNonNull(events.get(path), path).begin(WebRequest.of(query), listener);
        return listener;
    }

    /** An event that came. */
    public record Event(String name, JsonNode data) {}

    /** What is sent. */
    public static final class Listener implements Sink, AutoCloseable {
        private final BlockingQueue<Event> sent = new LinkedBlockingQueue<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private AutoCloseable watch = () -> {};

        @Override
        public void send(String event, JsonNode data) {
            sent.add(new Event(event, data.deepCopy()));
        }

        @Override
        public void end() {
            end.countDown();
        }

        /** The next event of this name; others are passed over. */
        public JsonNode await(String event) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() < until) {
                Event next = sent.poll(1, TimeUnit.SECONDS);
                if (next != null && next.name().equals(event)) {
                    return next.data();
                }
            }
            throw new AssertionError(event + " is not told");
        }

        /** All events until the end, which is there within a minute. */
        List<Event> all() throws InterruptedException {
            assertThat(end.await(60, TimeUnit.SECONDS)).as("end after " + sent).isTrue();
            return List.copyOf(sent);
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
