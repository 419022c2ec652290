package io.github.rlhf4j.dpo;

import io.github.rlhf4j.judge.Judge;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.List;

/** Says which of two responses is the better one. */
@FunctionalInterface
interface PairRanking {
    /**
     * The pairs, in order, without those that nothing is known of.
     *
     * @param groups of two responses to a prompt each
     */
    List<OnlinePair> rank(List<List<Rollout>> groups);

    /**
     * By rewards: the one that earns more. A pair with a response that no reward says anything of is left out.
     *
     * @param missingEos what becomes of a response that did not end
     */
    static PairRanking byRewards(Rewards rewards, MissingEosConfig missingEos) {
        return groups -> {
            List<OnlinePair> pairs = new ArrayList<>();
            List<List<Rollout>> scored = rewards.scoreGroups(groups);
            for (int i = 0; i < scored.size(); i++) {
                if (scored.get(i).stream().allMatch(Rollout::isScored)) {
                    pairs.add(OnlinePair.byScore(scored.get(i), missingEos, i));
                }
            }
            return pairs;
        };
    }

    /** By a judge: the one that is better with a probability of 0.5 or more; of a tie the first one. A pair without a verdict is left out. */
    static PairRanking byJudge(Judge judge) {
        return groups -> {
            double[] firstIsBetter = judge.compare(groups.stream()
                    .map(group -> new Judge.Pair(
                            group.get(0).answer().prompt(),
                            group.get(0).answer().response(),
                            group.get(1).answer().response()))
                    .toList());
            List<OnlinePair> pairs = new ArrayList<>();
            for (int i = 0; i < firstIsBetter.length; i++) {
                if (!Double.isNaN(firstIsBetter[i])) {
                    pairs.add(OnlinePair.of(groups.get(i), firstIsBetter[i] >= 0.5 ? 0 : 1, i));
                }
            }
            return pairs;
        };
    }
}
