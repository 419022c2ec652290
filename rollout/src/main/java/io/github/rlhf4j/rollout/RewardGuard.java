package io.github.rlhf4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.process.TimedCall;
import io.github.rlhf4j.http.KeptAnswers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * How long a reward may take and what its failures mean. A response that has failed is remembered in the stage's folder where time decided, so that a resumed run leaves it out again.
 *
 * @param timeout seconds; empty: no limit
 * @param onFailure what a failure means
 * @param kept failures of before
 * @param warnings where a line goes about responses that have no score
 */
record RewardGuard(
        OptionalDouble timeout,
        RewardEntry.OnFailure onFailure,
        Optional<KeptAnswers> kept,
        Consumer<String> warnings) {
    /** No limit, and a failure stops the run. */
    static final RewardGuard NONE =
            new RewardGuard(OptionalDouble.empty(), RewardEntry.OnFailure.STOP, Optional.empty(), line -> {});

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int SHOWN = 60; // characters of a text in a message

    /** A failure of a reward, in words for a message. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure(String what, Throwable cause) {
            super(Printable.line(what), cause);
        }
    }

    /** Whether a failure leaves a response without a score. */
    boolean passesOver() {
        return onFailure == RewardEntry.OnFailure.NONE;
    }

    /**
     * Does the work within the time that there is.
     *
     * @throws Failure where it throws or takes longer; what the user must mend stays a {@link UserError}
     */
    <T> T within(Callable<T> work) throws Failure {
        try {
            return TimedCall.within(timeout, "reward", work);
        } catch (UserError e) {
            throw e;
        } catch (TimeoutException e) {
            throw new Failure(timeout.isEmpty() ? e.toString() : String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while a reward was computed", e);
        } catch (Exception e) {
            throw new Failure(e.toString(), e);
        }
    }

    /** Everything that a reward sees of an answer, as a key. */
    static String key(RewardFunction.Answer answer) {
        return KeptAnswers.key(
                answer.prompt(), answer.response(), columns(answer).toString(), "" + answer.ended());
    }

    /** The columns as JSON. */
    static JsonNode columns(RewardFunction.Answer answer) {
        return MAPPER.valueToTree(answer.columns());
    }

    /** Whether this answer has failed before. */
    boolean hasFailed(RewardFunction.Answer answer) {
        return kept.flatMap(answers -> answers.get(key(answer))).isPresent();
    }

    /** Remembers that it has. */
    void remember(RewardFunction.Answer answer, String why) {
        kept.ifPresent(answers -> {
            answers.arrived(key(answer), JsonNodeFactory.instance.objectNode().put("failed", why));
            answers.settle(List.of(key(answer)));
        });
    }

    /** Says how many of the responses have no score, since the reward failed on them. */
    void report(String name, double[] scores) {
        long failed =
                Arrays.stream(scores).filter(score -> score == Reward.FAILED).count();
        if (failed > 0) {
            warnings.accept(
                    "%s failed on %d of %d responses, which have no score".formatted(name, failed, scores.length));
        }
    }

    /** How messages name a response. */
    static String shown(RewardFunction.Answer answer) {
        return "the response \"%s\" to the prompt \"%s\"".formatted(start(answer.response()), end(answer.prompt()));
    }

    private static String start(String text) {
        return Printable.line(text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text);
    }

    private static String end(String text) {
        return Printable.line(text.length() > SHOWN ? "..." + text.substring(text.length() - SHOWN) : text);
    }
}
