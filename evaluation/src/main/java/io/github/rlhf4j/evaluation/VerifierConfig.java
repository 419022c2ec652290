package io.github.rlhf4j.evaluation;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardSources;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * A program that scores answers, and how often one of several is right.
 *
 * @param rewardFunction the name of a bound reward function; its score is a metric of that name
 * @param timeout seconds that a call of it, which scores all answers of a model, may take; absent: no limit
 * @param passAtK numbers of answers k: {@code pass@k} is the chance that one of k answers has a score of 1 or more
 */
public record VerifierConfig(Optional<String> rewardFunction, OptionalDouble timeout, List<Integer> passAtK)
        implements ConfigGroup {
    private static final String NEEDS_FUNCTION = "does nothing without reward_function, so must be left out";

    /** No program judges. */
    public static final VerifierConfig NONE = new VerifierConfig(Optional.empty(), OptionalDouble.empty(), List.of());

    public VerifierConfig {
        passAtK = List.copyOf(new TreeSet<>(passAtK));
        checkConfig(passAtK.isEmpty() || rewardFunction.isPresent(), "pass_at_k", passAtK, NEEDS_FUNCTION);
        checkConfig(timeout.isEmpty() || rewardFunction.isPresent(), "timeout", timeout.orElse(0), NEEDS_FUNCTION);
        entry(rewardFunction, timeout); // refuses a timeout out of range
        checkConfig(passAtK.stream().allMatch(k -> k >= 1), "pass_at_k", passAtK, "must be numbers >= 1");
    }

    /** The prompts' dataset, all of whose columns the function sees where {@code keep} does not say which. */
    DatasetSpec seeing(DatasetSpec given) {
        return RewardSources.dataset(given, entry().stream().toList());
    }

    /** The function as an entry of {@code rewards}. */
    Optional<RewardEntry> entry() {
        return entry(rewardFunction, timeout);
    }

    private static Optional<RewardEntry> entry(Optional<String> function, OptionalDouble timeout) {
        Optional<RewardEntry> entry = function.map(RewardEntry::function);
        return timeout.isEmpty()
                ? entry
                : entry.map(named -> named.patience(timeout.getAsDouble(), RewardEntry.OnFailure.STOP));
    }

    void check(int samples) {
        checkConfig(
                passAtK.stream().allMatch(k -> k <= samples),
                "pass_at_k",
                passAtK,
                "must not exceed num_samples, which is " + samples);
    }
}
