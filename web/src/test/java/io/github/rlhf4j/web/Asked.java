package io.github.rlhf4j.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks a page without a server. */
public final class Asked implements Routes {
    private final Map<String, Answer> gets = new LinkedHashMap<>();
    private final Map<String, Answer> posts = new LinkedHashMap<>();
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private final Map<String, Events> events = new LinkedHashMap<>();

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
        return Optional.ofNullable(pages.get(path))
                .orElseThrow()
                .of(new WebRequest(query(parameters), MissingNode.getInstance()));
    }

    /** Asks, with parameters: name, value, name, value. */
    public JsonNode get(String path, String... parameters) {
        return Optional.ofNullable(gets.get(path))
                .orElseThrow()
                .of(new WebRequest(query(parameters), MissingNode.getInstance()));
    }

    /** Has something done; the body is JSON, for which ' stands for ". */
    public JsonNode post(String path, String body) {
        try {
            JsonNode json = Json.MAPPER.readTree(body.replace('\'', '"'));
            return Optional.ofNullable(posts.get(path)).orElseThrow().of(new WebRequest(Map.of(), json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body, e);
        }
    }

    private static Map<String, String> query(String... parameters) {
        Map<String, String> query = new LinkedHashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            query.put(parameters[i], parameters[i + 1]);
        }
        return query;
    }

    /** An event that came. */
    public record Event(String name, JsonNode data) {}

    /** Listens until the end, a minute at most. */
    public List<Event> events(String path, String... parameters) throws Exception {
        List<Event> heard = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch end = new CountDownLatch(1);
        try (AutoCloseable listening = Optional.ofNullable(events.get(path))
                .orElseThrow()
                .begin(new WebRequest(query(parameters), MissingNode.getInstance()), new Sink() {
                    @Override
                    public void send(String event, JsonNode data) {
                        heard.add(new Event(event, data));
                    }

                    @Override
                    public void end() {
                        end.countDown();
                    }
                })) {
            if (listening == null || !end.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no end after " + heard);
            }
        }
        return List.copyOf(heard);
    }
}
