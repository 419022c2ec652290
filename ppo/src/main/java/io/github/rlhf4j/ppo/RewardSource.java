package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import java.util.ArrayList;
import java.util.List;

/** Gives each sampled response its score: by a reward model, or by a bound function. */
interface RewardSource {
    /** A response to score. */
    record Response(int[] promptIds, int[] responseIds, RewardFunction.Answer answer) {}

    /** One finite score each, in order. */
    double[] score(List<Response> responses);

    /** A reward model's scalar at the response's last token. */
    static RewardSource of(String given, Transformer rewardModel, int microBatchTokens) {
        BatchScorer scorer = new BatchScorer(rewardModel, microBatchTokens);
        return responses -> {
            List<List<TokenSequence>> groups = new ArrayList<>();
            for (Response response : responses) {
                groups.add(List.of(Rollout.scoreSequence(response.promptIds(), response.responseIds())));
            }
            double[] scores = scorer.score(groups, 1).stream()
                    .mapToDouble(group -> group.get(0).scalars()[0])
                    .toArray();
            for (double score : scores) {
                if (!Double.isFinite(score)) {
                    throw new UserError("reward_model " + given + " gives a response the score " + score
                            + ", but scores must be finite: its weights have diverged; train it again or name another");
                }
            }
            return scores;
        };
    }

    /** A reward function, whose answers are checked. */
    static RewardSource of(String name, RewardFunction function) {
        return responses -> {
            double[] scores =
                    function.score(responses.stream().map(Response::answer).toList());
            if (scores.length != responses.size()) {
                throw new UserError("reward_function " + name + " must return one score for each of " + responses.size()
                        + " responses, but returned " + scores.length);
            }
            for (double score : scores) {
                if (!Double.isFinite(score)) {
                    throw new UserError(
                            "reward_function " + name + " must return finite scores, but returned " + score);
                }
            }
            return scores;
        };
    }
}
