package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.TokenIds;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Locale;
import java.util.Optional;

/**
 * How responses are sampled, how many there are, where they end, and whose log-probs the policy's ratio starts from.
 *
 * @param responseLength longest response, tokens with the end token
 * @param temperature of sampling and of all log-probs, > 0
 * @param numSampleGenerations how many responses of every logged iteration go to samples.jsonl
 * @param logTokens whether they have length, KL and advantage too, and log-ratio, advantage and value of each token
 * @param totalEpisodes responses of the whole stage, rounded up to whole iterations; 0: as max_steps or num_train_epochs says
 * @param stopToken eos: the tokenizer's end tokens; none: every response has response_length tokens; absent: eos, unless there is a stop_token_id
 * @param stopTokenId a token that ends responses instead
 * @param oldLogProbs whose log-probs of a response are the old ones
 * @param importanceSamplingClipMax the largest weight of a token with old_log_probs: trainer; 0: 3
 * @param exactOnPolicy whether the policy and the reference compute in the order of generation, so that sampler and trainer agree to the bit
 * @param rolloutWeights what responses are sampled with; in fewer bits than float32 the trainer's log-probs are the old ones
 * @param staleness iterations that responses wait for before they are learnt from, >= 0
 */
public record RolloutConfig(
        int responseLength,
        double temperature,
        int numSampleGenerations,
        boolean logTokens,
        long totalEpisodes,
        Optional<StopToken> stopToken,
        Optional<Integer> stopTokenId,
        OldLogProbs oldLogProbs,
        double importanceSamplingClipMax,
        boolean exactOnPolicy,
        WeightType rolloutWeights,
        int staleness)
        implements ConfigGroup {
    /** TRL's default. */
    private static final double CLIP_MAX = 3;

    private static final int[] NONE = {};

    /** As in ppo-defaults.yaml. */
    public static final RolloutConfig DEFAULT = new RolloutConfig(
            53,
            1,
            4,
            false,
            0,
            Optional.empty(),
            Optional.empty(),
            OldLogProbs.SAMPLER,
            0,
            false,
            WeightType.FLOAT32,
            0);

    /** What ends a response. */
    public enum StopToken {
        EOS,
        NONE
    }

    /** Who computed the log-probs that a ratio of 1 means. */
    public enum OldLogProbs {
        /** The sampler. */
        SAMPLER,
        /** The trainer, before the iteration's first update; what the sampler's differ by becomes a weight. */
        TRAINER
    }

    public RolloutConfig {
        checkConfig(responseLength >= 1, "response_length", responseLength, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
        checkConfig(numSampleGenerations >= 0, "num_sample_generations", numSampleGenerations, "must be >= 0");
        checkConfig(
                !logTokens || numSampleGenerations > 0,
                "log_tokens",
                logTokens,
                "does nothing with num_sample_generations: 0");
        checkConfig(totalEpisodes >= 0, "total_episodes", totalEpisodes, "must be >= 1, or 0 for max_steps");
        checkConfig(
                stopToken.isEmpty() || stopTokenId.isEmpty(),
                "stop_token_id",
                stopTokenId.orElse(0),
                "must be left out where stop_token is given");
        checkConfig(stopTokenId.orElse(0) >= 0, "stop_token_id", stopTokenId.orElse(0), "must be >= 0");
        checkConfig(
                importanceSamplingClipMax >= 0,
                "importance_sampling_clip_max",
                importanceSamplingClipMax,
                "must be > 0, or 0 for 3");
        checkConfig(
                importanceSamplingClipMax == 0 || oldLogProbs == OldLogProbs.TRAINER,
                "importance_sampling_clip_max",
                importanceSamplingClipMax,
                "does nothing with old_log_probs: sampler, so must be 0");
        checkConfig(
                !exactOnPolicy || oldLogProbs == OldLogProbs.SAMPLER,
                "old_log_probs",
                "trainer",
                "must be sampler with exact_on_policy: true, where both are the same");
        checkConfig(
                !rolloutWeights.isCompact() || oldLogProbs == OldLogProbs.TRAINER,
                "rollout_weights",
                rolloutWeights.name().toLowerCase(Locale.ROOT),
                "needs old_log_probs: trainer, since the sampler's differ from the policy's, or must be float32");
        checkConfig(staleness >= 0 && staleness <= 1000, "staleness", staleness, "must be in 0..1000");
        checkConfig(
                staleness == 0 || !exactOnPolicy,
                "staleness",
                staleness,
                "must be 0 with exact_on_policy: true: responses that wait are those of an older policy");
    }

    /** Whether the trainer's log-probs are the old ones. */
    boolean takesTrainersLogProbs() {
        return oldLogProbs == OldLogProbs.TRAINER;
    }

    double importanceLimit() {
        return importanceSamplingClipMax == 0 ? CLIP_MAX : importanceSamplingClipMax;
    }

    /** Whether nothing ends a response before it is full. */
    boolean neverStops() {
        return stopToken.filter(token -> token == StopToken.NONE).isPresent();
    }

    /** The ids that end a response. */
    int[] stopIds(Tokenizer tokenizer) {
        if (stopTokenId.isPresent()) {
            return new int[] {stopTokenId.get()};
        }
        return neverStops() ? NONE : tokenizer.stopIds();
    }

    /** @throws UserError where the stop token is none of the model's */
    void checkStop(TokenIds ids) {
        if (ids.rows() > 0 && stopTokenId.orElse(0) >= ids.rows()) {
            throw new UserError("stop_token_id must be one of the model's " + ids.rows() + " tokens, but is "
                    + stopTokenId.orElse(0));
        }
    }

    /** Iterations of so many prompts for total_episodes; 0 where that is not given. */
    long iterations(int batchSize) {
        return (totalEpisodes + batchSize - 1) / batchSize;
    }
}
