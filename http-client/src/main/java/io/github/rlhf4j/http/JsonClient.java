package io.github.rlhf4j.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Posts questions as JSON to one URL: several at a time, each again where it fails in a way that may pass, the replies in the order of the questions.
 *
 * <pre>
 *   JsonClient client = new JsonClient(Endpoint.of("judge.url", url), HttpSettings.DEFAULT);
 *   List&lt;Reply&lt;String&gt;&gt; replies = client.ask(bodies, answer -&gt; answer.path("text").asText(), KeptAnswers.of(context.directory(), "judge"));
 * </pre>
 *
 * <p>With {@link KeptAnswers} a question is asked once, whatever becomes of the run: the answer is a function of the body then, and a resumed run leaves the same bytes. Failures are not kept.
 */
public final class JsonClient {
    private final Endpoint endpoint;
    private final HttpSettings settings;

    public JsonClient(Endpoint endpoint, HttpSettings settings) {
        this.endpoint = endpoint;
        this.settings = settings;
    }

    /** Where it posts. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * The replies to bodies, of which equal ones are asked once.
     *
     * @param reader throws {@link BadAnswer} for what is no answer; sees kept answers too
     * @param kept answers of before, and where those of now go: whole, as the server gave them
     */
    public <T> List<Reply<T>> ask(List<? extends JsonNode> bodies, Function<JsonNode, T> reader, KeptAnswers kept) {
        List<String> keys = bodies.stream()
                .map(body -> KeptAnswers.key(endpoint.url().toString(), body.toString()))
                .toList();
        Map<String, JsonNode> unknown = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            if (kept.get(keys.get(i)).isEmpty()) {
                unknown.putIfAbsent(keys.get(i), bodies.get(i));
            }
        }
        List<String> asked = List.copyOf(unknown.keySet());
        List<Reply<JsonNode>> replies = ask(
                List.copyOf(unknown.values()),
                (index, answer) -> {
                    Objects.requireNonNull(reader.apply(answer)); // an answer that cannot be read is asked for again
                    return answer;
                },
                (index, answer) -> kept.arrived(asked.get(index), answer));
        kept.settle(keys);
        Map<String, String> failures = new HashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            failures.put(asked.get(i), replies.get(i).failure());
        }
        List<Reply<T>> all = new ArrayList<>();
        for (String key : keys) {
            Optional<JsonNode> known = kept.get(key);
            all.add(
                    known.isPresent()
                            ? Reply.of(reader.apply(known.get()))
                            : Reply.failed(failures.getOrDefault(key, "")));
        }
        return all;
    }

    /**
     * The replies to bodies, each asked.
     *
     * @param reader is given an answer with its body's index, since how many things an answer must have depends on its question; throws {@link BadAnswer} for what is no answer; called by several threads
     * @param arrived is given what was read, with its body's index, as soon as it has come; called by several threads
     */
    public <T> List<Reply<T>> ask(
            List<? extends JsonNode> bodies, BiFunction<Integer, JsonNode, T> reader, BiConsumer<Integer, T> arrived) {
        if (bodies.isEmpty()) {
            return List.of();
        }
        ExecutorService threads = threads(bodies.size());
        try {
            JsonPost post = new JsonPost(endpoint, settings);
            List<Future<Reply<T>>> asked = new ArrayList<>();
            for (int i = 0; i < bodies.size(); i++) {
                int index = i;
                asked.add(threads.submit(() -> {
                    Reply<T> reply = post.ask(bodies.get(index), answer -> reader.apply(index, answer));
                    reply.answer().ifPresent(answer -> arrived.accept(index, answer));
                    return reply;
                }));
            }
            List<Reply<T>> replies = new ArrayList<>();
            for (Future<Reply<T>> future : asked) {
                replies.add(future.get());
            }
            return replies;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while " + endpoint.shown() + " was asked", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Daemons, so that an exit waits for no server. */
    private ExecutorService threads(int questions) {
        return Executors.newFixedThreadPool(Math.min(settings.parallel(), questions), work -> {
            Thread thread = new Thread(work, "http");
            thread.setDaemon(true);
            return thread;
        });
    }
}
