package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a {@link TinkerServer} does.
 *
 * @param folder of what clients save
 * @param seed of adapters and samples whose request names none
 * @param maxBatch most sequences of one model that are written together
 * @param maxSamplers most models that are ready to sample, each with a copy of its weights; others wait
 * @param cacheBytes most bytes of cached keys and values, of all of them together
 * @param patience how long a question for a result waits before it is told to ask again
 */
public record TinkerSettings(
        Path folder, long seed, int maxBatch, int maxSamplers, long cacheBytes, Duration patience) {
    /** Samples that are drawn from one prompt's keys and values: a text depends on it. */
    static final int SAMPLES_TOGETHER = 16;

    private static final Duration USUAL = Duration.ofSeconds(20);

    public TinkerSettings {
        check("--max-batch", maxBatch, SAMPLES_TOGETHER, 4096);
        check("--max-samplers", maxSamplers, 1, 1000);
    }

    /** With the patience that the SDK's own limits leave room for. */
    public TinkerSettings(Path folder, long seed, int maxBatch, int maxSamplers, long cacheBytes) {
        this(folder, seed, maxBatch, maxSamplers, cacheBytes, USUAL);
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(option + " must be in " + least + " .. " + most + ", but is " + value);
        }
    }
}
