package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.LiveListener;
import io.github.rlhf4j.core.generation.PromptLogProbs;
import io.github.rlhf4j.core.generation.TopTokens;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What becomes of the prompts of one HTTP request: the batch's thread tells, the request's own thread takes it. */
final class Job {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private volatile boolean unwanted;
    private long looked = System.nanoTime(); // by the one that takes

    /** Something that has happened, to a prompt by its number. */
    sealed interface Event {
        /** Its log-probs. */
        record Read(int prompt, PromptLogProbs logProbs) implements Event {}

        /** It has been computed, but for what was cached. */
        record Computed(int cached) implements Event {}

        /** A token. */
        record Token(
                int prompt,
                int sample,
                int id,
                double logProb,
                @Nullable TopTokens top) implements Event {}

        /** The end of a sample. */
        record End(int prompt, int sample, FinishReason reason) implements Event {}

        /** The end of everything. */
        record Failure(RuntimeException why) implements Event {}
    }

    private synchronized void put(Event event) {
        events.add(event);
        notifyAll();
    }

    /** The listener of a prompt with some samples. */
    LiveListener listener(int prompt, int samples) {
        return new LiveListener() {
            private int left = samples;

            @Override
            public void onPrompt(PromptLogProbs logProbs) {
                put(new Event.Read(prompt, logProbs));
            }

            @Override
            public void onComputed(int cachedTokens) {
                put(new Event.Computed(cachedTokens));
            }

            @Override
            public void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens top) {
                put(new Event.Token(prompt, sample, id, logProb, top));
            }

            @Override
            public void onFinished(int sample, FinishReason reason) {
                left--;
                put(new Event.End(prompt, sample, reason));
            }

            @Override
            public void onFailed(RuntimeException failure) {
                unwanted = true;
                put(new Event.Failure(failure));
            }

            @Override
            public boolean isUnwanted() {
                return unwanted || left == 0;
            }
        };
    }

    /** Nobody waits for it any more. */
    void giveUp() {
        unwanted = true;
    }

    /**
     * What has happened since the last call, at least one thing.
     *
     * @param isGone asked from time to time; then the job is given up
     * @return nothing where nobody waits for it any more
     */
    List<Event> take(BooleanSupplier isGone) throws InterruptedException {
        while (true) {
            List<Event> all;
            synchronized (this) {
                if (events.isEmpty()) {
                    wait(LOOK.toMillis());
                }
                all = new ArrayList<>(events);
                events.clear();
            }
            if (System.nanoTime() - looked > LOOK.toNanos()) {
                looked = System.nanoTime();
                if (isGone.getAsBoolean()) {
                    giveUp();
                    return List.of();
                }
            }
            if (!all.isEmpty()) {
                return all;
            }
        }
    }
}
