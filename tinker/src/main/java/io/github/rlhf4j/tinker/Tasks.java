package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.HttpFailure;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests whose result comes later. */
final class Tasks {
    private static final Logger LOG = LoggerFactory.getLogger(Tasks.class);

    private final Engine engine;
    private final Results results;
    private final AtomicLong numbers = new AtomicLong();

    Tasks(Engine engine, Results results) {
        this.engine = engine;
        this.results = results;
    }

    /** Another number, for what a client has not numbered. */
    long number() {
        return numbers.incrementAndGet();
    }

    Turns turns() {
        return new Turns(engine);
    }

    /** Begins a request unless the client has sent it before; its id, to be answered. */
    ObjectNode once(String id, String model, Consumer<String> begin) {
        if (!engine.isAlive()) {
            throw new HttpFailure(500, "the server cannot compute any more: start it again");
        }
        if (results.open(id)) {
            begin.accept(id);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("request_id", id);
        return model.isEmpty() ? json : json.put("model_id", model);
    }

    void execute(Runnable work) {
        engine.execute(work);
    }

    /** Does the work of a request in the thread that computes. */
    void execute(String id, Supplier<Answer> work) {
        engine.execute(() -> run(id, work));
    }

    /** Does the work of a request now. */
    void run(String id, Supplier<Answer> work) {
        Answer answer;
        try {
            answer = work.get();
        } catch (UserError | HttpFailure e) {
            answer = Failure.result(e);
        } catch (RuntimeException e) {
            LOG.error("{} failed", id, e);
            answer = Failure.result(e);
        } catch (OutOfMemoryError e) {
            LOG.error("{} failed", id, e);
            answer = Failure.result(new UserError("the server has not enough memory for this request", e));
        }
        results.complete(id, answer);
    }

    /** The result of a request. */
    void complete(String id, Answer answer) {
        results.complete(id, answer);
    }
}
