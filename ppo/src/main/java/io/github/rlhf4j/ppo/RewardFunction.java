package io.github.rlhf4j.ppo;

import java.util.List;

/**
 * A reward that is computed, not learned: bound by name in a Guice module of the user's, {@code rewardBinder(binder()).bind("length", LengthReward.class)}, and named in a run file as {@code reward_function: length}.
 */
public interface RewardFunction {
    /**
     * One response to judge.
     *
     * @param prompt the prompt's text as the policy reads it: through the chat template where there is one, without special tokens, and without its beginning where it was too long
     * @param response the response's text, without special tokens
     * @param tokens its length in tokens, the end token included
     * @param ended whether it ended with the end token
     */
    record Answer(String prompt, String response, int tokens, boolean ended) {}

    /**
     * The scores, one for each answer, in order, each finite. More is better. The same answer should get the same score whatever else is in the list.
     */
    double[] score(List<Answer> answers);
}
