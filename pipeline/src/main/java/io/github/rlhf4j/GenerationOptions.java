package io.github.rlhf4j;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.SamplingOptions;
import java.util.List;

/**
 * How a {@link LanguageModel} writes. The defaults are those of the command {@code generate}.
 *
 * <pre>{@code
 * GenerationOptions options = GenerationOptions.builder().greedy(true).maxNewTokens(64).stop("\n").build();
 * }</pre>
 *
 * @param greedy take the most likely token always
 * @param temperature divides the logits; finite and &gt; 0
 * @param topP the smallest set of tokens of this probability, in (0, 1]; 1 takes all
 * @param topK only the k most likely tokens; 0 takes all
 * @param minP only tokens this likely relative to the most likely, in [0, 1)
 * @param repetitionPenalty as in transformers; 1 is none
 * @param maxNewTokens most tokens written, &gt;= 1
 * @param samples continuations of each prompt, &gt;= 1
 * @param seed of the sampling; the same seed writes the same text
 * @param stop texts that end a continuation with the token that completes one
 * @param chat put a plain prompt into the model's chat template, as a user's message
 */
public record GenerationOptions(
        boolean greedy,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        int maxNewTokens,
        int samples,
        long seed,
        List<String> stop,
        boolean chat) {
    /** 128 tokens, sampled at temperature 1 with seed 0. */
    public static final GenerationOptions DEFAULT = builder().build();

    public GenerationOptions {
        stop = List.copyOf(stop);
        if (samples < 1) {
            throw new UserError("samples must be >= 1, but is " + samples);
        }
        if (stop.contains("")) {
            throw new UserError("a stop string must have at least one character");
        }
        sampling(
                greedy,
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                maxNewTokens,
                new int[0]); // which checks the rest
    }

    /** The choice of tokens that this means, ended by {@code stopIds}. */
    public SamplingOptions sampling(int[] stopIds) {
        return sampling(greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, stopIds);
    }

    private static SamplingOptions sampling(
            boolean greedy,
            double temperature,
            double topP,
            int topK,
            double minP,
            double repetitionPenalty,
            int maxNewTokens,
            int[] stopIds) {
        return new SamplingOptions(
                greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, stopIds, false);
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Begins with this. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.greedy = greedy;
        builder.temperature = temperature;
        builder.topP = topP;
        builder.topK = topK;
        builder.minP = minP;
        builder.repetitionPenalty = repetitionPenalty;
        builder.maxNewTokens = maxNewTokens;
        builder.samples = samples;
        builder.seed = seed;
        builder.stop = stop;
        builder.chat = chat;
        return builder;
    }

    /** Each method sets the component of its name. */
    public static final class Builder {
        private boolean greedy;
        private double temperature = 1;
        private double topP = 1;
        private int topK;
        private double minP;
        private double repetitionPenalty = 1;
        private int maxNewTokens = 128;
        private int samples = 1;
        private long seed;
        private List<String> stop = List.of();
        private boolean chat;

        private Builder() {}

        /** Take the most likely token always. */
        public Builder greedy(boolean value) {
            greedy = value;
            return this;
        }

        /** Divides the logits; 1 by default. */
        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        /** The smallest set of tokens of this probability; 1, the default, takes all. */
        public Builder topP(double value) {
            topP = value;
            return this;
        }

        /** Only the k most likely tokens; 0, the default, takes all. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** Only tokens this likely relative to the most likely; 0 by default. */
        public Builder minP(double value) {
            minP = value;
            return this;
        }

        /** As in transformers; 1, the default, is none. */
        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        /** Most tokens written; 128 by default. */
        public Builder maxNewTokens(int value) {
            maxNewTokens = value;
            return this;
        }

        /** Continuations of each prompt; 1 by default. */
        public Builder samples(int value) {
            samples = value;
            return this;
        }

        /** Of the sampling; 0 by default. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Texts that end a continuation; none by default. */
        public Builder stop(String... texts) {
            stop = List.of(texts);
            return this;
        }

        /** Put a plain prompt into the model's chat template; false by default. */
        public Builder chat(boolean value) {
            chat = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws UserError naming what is out of range
         */
        public GenerationOptions build() {
            return new GenerationOptions(
                    greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, samples, seed, stop, chat);
        }
    }
}
