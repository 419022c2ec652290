package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.HttpFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What requests gave, until it is asked for. The oldest results go where there are too many bytes of them. */
final class Results {
    private static final long MOST_BYTES = 512L << 20;

    private final Duration patience;
    private final long mostBytes;
    private final Map<String, CompletableFuture<Answer>> byId = new HashMap<>(); // guarded by this, as what follows
    private final ArrayDeque<String> done = new ArrayDeque<>(); // oldest first
    private long bytes;

    Results(Duration patience) {
        this(patience, MOST_BYTES);
    }

    Results(Duration patience, long mostBytes) {
        this.patience = patience;
        this.mostBytes = mostBytes;
    }

    /** Begins to wait for a request's result; false where that id has been seen: the client has sent it again. */
    synchronized boolean open(String id) {
        return byId.putIfAbsent(id, new CompletableFuture<>()) == null;
    }

    /** A request's result has come. */
    void complete(String id, Answer answer) {
        CompletableFuture<Answer> result;
        synchronized (this) {
            result = byId.get(id);
            if (result == null || result.isDone()) {
                return;
            }
            done.add(id);
            bytes += answer.body().length;
            while (bytes > mostBytes && done.size() > 1) {
                String oldest = done.remove();
                CompletableFuture<Answer> gone = byId.remove(oldest);
                bytes -= gone == null ? 0 : gone.join().body().length;
            }
        }
        result.complete(answer);
    }

    /** Answers {@code /retrieve_future}: with the result, or after a while that there is none yet. */
    Answer retrieve(JsonNode request) throws InterruptedException {
        String id = request.path("request_id").asText();
        CompletableFuture<Answer> result;
        synchronized (this) {
            result = byId.get(id);
        }
        if (result == null) {
            throw new HttpFailure(410, "there is no result of the request " + id + " (any more)");
        }
        try {
            return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Answer.json(408, Map.of("type", "try_again", "request_id", id, "queue_state", "active"));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
