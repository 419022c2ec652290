package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Gives each sampled response a score: a reward model, a {@link RewardFunction}, a server, or a judge. */
public interface Reward {
    /** In the place of a score: this reward says nothing of the response, which may have a score from others. */
    double NONE = Double.NaN;

    /** In the place of a score: this reward has failed, and the response has no score whatever others say. */
    double FAILED = Double.NEGATIVE_INFINITY;

    /** One score each, in order: finite, {@link #NONE} or {@link #FAILED}. The same response gets the same score (to rounding), whatever else is in the list. */
    double[] score(List<Rollout> rollouts);

    /** For each response its score by token, where it is given as the response is written; empty, the default, where it is given at its end. */
    default List<double[]> tokenScores(List<Rollout> rollouts) {
        return List.of();
    }

    /**
     * A reward model's scalar at the response's last token.
     *
     * @param given the model as the user named it, for messages
     */
    static Reward of(String given, SharedModel rewardModel) {
        return of(given, rewardModel, ResponseReader.SAMPLED::read);
    }

    /**
     * The same of a model that reads other tokens.
     *
     * @param reader prompt and response as it reads them
     */
    static Reward of(String given, SharedModel rewardModel, Function<Rollout, TokenSequence> reader) {
        return rollouts -> {
            List<List<TokenSequence>> sequences = rollouts.stream()
                    .map(rollout -> List.of(reader.apply(rollout)))
                    .toList();
            double[] scores = rewardModel.score("reward scores", sequences, 1, 0).stream()
                    .mapToDouble(group -> group.get(0).scalars()[0])
                    .toArray();
            Map<Integer, Double> wrong = new LinkedHashMap<>();
            for (int i = 0; i < scores.length; i++) {
                if (!Double.isFinite(scores[i])) {
                    wrong.put(i, scores[i]);
                }
            }
            if (!wrong.isEmpty()) {
                throw RewardFailure.notFinite(
                        "reward_model " + given + " gives a response the score "
                                + wrong.values().iterator().next()
                                + ", but scores must be finite: its weights have diverged; train it again or name another",
                        wrong);
            }
            return scores;
        };
    }

    /**
     * The reward function of that name.
     *
     * @param functions those that are bound, beside those that are built in
     * @throws UserError where it is none of them
     */
    static RewardFunction named(String name, Map<String, RewardFunction> functions) {
        Map<String, RewardFunction> all = BuiltInFunctions.with(functions);
        RewardFunction function = all.get(name);
        if (function == null) {
            throw new UserError("unknown reward_function " + name + "; available: " + String.join(", ", all.keySet()));
        }
        return function;
    }

    /** A reward function, whose answers are checked. */
    static Reward of(String name, RewardFunction function) {
        return new FunctionReward("reward_function " + name, function, RewardGuard.NONE);
    }
}
