package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.Handler;
import io.github.rlhf4j.server.HttpFailure;
import io.github.rlhf4j.server.WebServer;
import java.time.Duration;

/**
 * A server of a model with OpenAI's interface.
 *
 * <pre>{@code
 * try (LanguageModel model = rlhf4j.languageModel(folder);
 *         ModelServer server = ModelServer.start(model.transformer(), model.tokenizer(), settings, WebServer.builder().port(8000))) {
 *     ...
 * }
 * }</pre>
 *
 * <p>Owns a packed copy of the weights and its cache until {@link #close}; model and tokenizer are the caller's, who must use neither for anything else meanwhile.
 */
public final class ModelServer implements AutoCloseable {
    private final Served served;
    private final WebServer server;
    private boolean stopped;

    private ModelServer(Served served, WebServer server) {
        this.served = served;
        this.server = server;
    }

    /**
     * Starts it.
     *
     * @param model with a language head
     * @param tokenizer the model's own
     * @param builder where it listens, and to whom; routes and the form of errors are added
     */
    public static ModelServer start(
            Transformer model, Tokenizer tokenizer, ServeSettings settings, WebServer.Builder builder) {
        Served served = new Served(model, tokenizer, settings);
        try {
            WebServer server = builder.errors(ApiError::body)
                    .open("/health", call -> health(served))
                    .open(
                            "/metrics",
                            call -> Answer.text(
                                    "text/plain; version=0.0.4; charset=utf-8",
                                    served.metrics().text(served.loop().state())))
                    .get("/v1/models", call -> Answer.json(models(served)))
                    .get("/v1/models/{id*}", call -> Answer.json(model(served, call.variable("id"))))
                    .post("/v1/completions", counted(served, "completions", new CompletionsEndpoint(served)))
                    .post("/v1/chat/completions", counted(served, "chat", new ChatEndpoint(served)))
                    .start();
            return new ModelServer(served, server);
        } catch (RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private static Answer health(Served served) {
        if (!served.loop().isAlive()) {
            throw new HttpFailure(503, "the server cannot compute any more");
        }
        return Answer.text("ok\n");
    }

    private static Handler counted(Served served, String name, Handler handler) {
        return (Call call) -> {
            int status = 500;
            try {
                Answer answer = handler.handle(call);
                status = answer.status();
                return answer;
            } catch (HttpFailure e) {
                status = e.status();
                throw e;
            } finally {
                served.metrics().request(name, status);
            }
        };
    }

    private static ObjectNode models(Served served) {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        list.putArray("data").add(card(served));
        return list;
    }

    private static ObjectNode model(Served served, String id) {
        if (!id.equals(served.settings().name())) {
            throw new ApiError(404, "the model \"" + id + "\" does not exist", "model", "model_not_found");
        }
        return card(served);
    }

    private static ObjectNode card(Served served) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", served.settings().name())
                .put("object", "model")
                .put("created", served.started())
                .put("owned_by", "rlhf4j")
                .put("max_model_len", served.context());
    }

    /** Such as {@code http://127.0.0.1:8000}. */
    public String origin() {
        return server.origin();
    }

    /** Most tokens of prompt and continuation. */
    public int context() {
        return served.context();
    }

    /** Tokens that the cache has room for. */
    public long cacheTokens() {
        return served.cacheTokens();
    }

    /** Ends it: new requests are refused, running ones may finish within {@code grace}. */
    public synchronized void stop(Duration grace) {
        if (stopped) {
            return;
        }
        stopped = true;
        server.stop(grace);
        served.close();
    }

    /** Ends it at once. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
