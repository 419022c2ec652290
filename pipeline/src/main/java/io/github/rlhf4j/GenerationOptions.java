package io.github.rlhf4j;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.BeamOptions;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import java.util.List;
import java.util.Optional;

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
 * @param structuredOutputs what texts are held to, if anything
 * @param logprobs how many of the most likely tokens are reported beside each that is chosen
 * @param beams beam search in the place of sampling, if wanted; {@code samples} of its texts are given
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
        boolean chat,
        Optional<StructuredOutputs> structuredOutputs,
        int logprobs,
        Optional<BeamOptions> beams) {
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
                new int[0],
                logprobs); // which checks the rest
        if (beams.isPresent()) {
            requireNoSampling(greedy, temperature, topP, topK, minP);
            if (logprobs > 0) {
                throw new UserError("logprobs must be 0 with num_beams, whose log-probs belong to a search");
            }
            if (samples > beams.get().numBeams()) {
                throw new UserError("num_beams must be >= num_return_sequences = " + samples + ", but is "
                        + beams.get().numBeams());
            }
        }
    }

    /** Texts of any kind, sampled. */
    public GenerationOptions(
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
        this(
                greedy,
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                maxNewTokens,
                samples,
                seed,
                stop,
                chat,
                Optional.empty(),
                0,
                Optional.empty());
    }

    private static void requireNoSampling(boolean greedy, double temperature, double topP, int topK, double minP) {
        if (greedy || temperature != 1 || topP != 1 || topK != 0 || minP != 0) {
            throw new UserError("num_beams searches and does not sample: leave out "
                    + (greedy ? "greedy" : "temperature, top_p, top_k and min_p"));
        }
    }

    /** The choice of tokens that this means, ended by {@code stopIds}. */
    public SamplingOptions sampling(int[] stopIds) {
        return sampling(greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, stopIds, logprobs);
    }

    private static SamplingOptions sampling(
            boolean greedy,
            double temperature,
            double topP,
            int topK,
            double minP,
            double repetitionPenalty,
            int maxNewTokens,
            int[] stopIds,
            int logprobs) {
        return new SamplingOptions(
                        greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, stopIds, false)
                .withTopLogProbs(logprobs);
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
        builder.structuredOutputs = structuredOutputs;
        builder.logprobs = logprobs;
        builder.beams = beams;
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
        private Optional<StructuredOutputs> structuredOutputs = Optional.empty();
        private int logprobs;
        private Optional<BeamOptions> beams = Optional.empty();

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

        /** What texts are held to; nothing by default. */
        public Builder structuredOutputs(StructuredOutputs value) {
            structuredOutputs = Optional.of(value);
            return this;
        }

        /** How many of the most likely tokens are reported beside each that is chosen; 0 by default. */
        public Builder logprobs(int value) {
            logprobs = value;
            return this;
        }

        /** Beam search instead of sampling. */
        public Builder beams(BeamOptions value) {
            beams = Optional.of(value);
            return this;
        }

        /**
         * The options.
         *
         * @throws UserError naming what is out of range
         */
        public GenerationOptions build() {
            return new GenerationOptions(
                    greedy,
                    temperature,
                    topP,
                    topK,
                    minP,
                    repetitionPenalty,
                    maxNewTokens,
                    samples,
                    seed,
                    stop,
                    chat,
                    structuredOutputs,
                    logprobs,
                    beams);
        }
    }
}
