package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.tokens.PromptText;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.datasets.tokens.TextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A process reward model: the probability that a step is right, for each step of a response, as one score.
 *
 * <p>A response's steps are what stands between separators; each is tokenised as in training. A response without any step has the score 0.
 *
 * <p>Source: Lightman et al. 2023, arXiv:2305.20050, section 2.6 (product); Wang et al. 2024, arXiv:2312.08935 (min).
 */
final class StepReward implements Reward {
    private final String given;
    private final SharedModel model;
    private final StepTokens tokens;
    private final StepAggregation aggregation;
    private final int context;
    private final Tokenizer policy;
    private final Optional<TextTokens> texts;

    /**
     * @param given the model as the user named it, for messages
     * @param context the most tokens that the model reads
     */
    StepReward(String given, SharedModel model, StepTokens tokens, StepAggregation aggregation, int context) {
        this(given, model, tokens, aggregation, context, tokens.tokenizer(), Optional.empty());
    }

    /**
     * The same of a model that may read other tokens.
     *
     * @param policy the tokenizer of responses
     * @param texts prompts in the model's tokens, where these are others
     */
    StepReward(
            String given,
            SharedModel model,
            StepTokens tokens,
            StepAggregation aggregation,
            int context,
            Tokenizer policy,
            Optional<TextTokens> texts) {
        this.policy = policy;
        this.texts = texts;
        this.given = given;
        this.model = model;
        this.tokens = tokens;
        this.aggregation = aggregation;
        this.context = context;
    }

    @Override
    public double[] score(List<Rollout> rollouts) {
        return probabilities(rollouts).stream().mapToDouble(aggregation::score).toArray();
    }

    @Override
    public List<double[]> tokenScores(List<Rollout> rollouts) {
        if (aggregation != StepAggregation.EACH) {
            return List.of();
        }
        List<double[]> probabilities = probabilities(rollouts);
        return IntStream.range(0, rollouts.size())
                .mapToObj(i -> placed(rollouts.get(i), probabilities.get(i)))
                .toList();
    }

    /** Of each response the probability that each of its steps is right; fewer than its steps where it is longer than the model's context. */
    private List<double[]> probabilities(List<Rollout> rollouts) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        int[] groupOf = new int[rollouts.size()];
        for (int i = 0; i < groupOf.length; i++) {
            TokenSequence sequence = sequence(rollouts.get(i));
            groupOf[i] = sequence.scalarRows().length == 0 ? -1 : groups.size();
            if (groupOf[i] >= 0) {
                groups.add(List.of(sequence));
            }
        }
        List<double[]> logOdds = groups.isEmpty() ? List.of() : logOdds(groups);
        List<double[]> probabilities = IntStream.of(groupOf)
                .mapToObj(group -> group < 0 ? new double[0] : logOdds.get(group))
                .map(odds -> Arrays.stream(odds).map(StableMath::sigmoid).toArray())
                .toList();
        requireNumbers(probabilities);
        return probabilities;
    }

    private List<double[]> logOdds(List<List<TokenSequence>> groups) {
        return model.score("step scores", groups, 1, 0).stream()
                .map(group -> group.get(0).scalars())
                .toList();
    }

    private void requireNumbers(List<double[]> probabilities) {
        Map<Integer, Double> wrong = new LinkedHashMap<>();
        for (int i = 0; i < probabilities.size(); i++) {
            if (Arrays.stream(probabilities.get(i)).anyMatch(Double::isNaN)) {
                wrong.put(i, Double.NaN);
            }
        }
        if (!wrong.isEmpty()) {
            throw RewardFailure.notFinite(
                    "the process reward model " + given + " gives a step the score NaN, but scores must be numbers: its"
                            + " weights have diverged; train it again or name another",
                    wrong);
        }
    }

    private TokenSequence sequence(Rollout rollout) {
        StepTokens.Encoded whole =
                tokens.encode(tokens.split(rollout.answer().response())).after(prompt(rollout));
        int length = Math.min(whole.ids().length, context);
        int[] rows = Arrays.stream(whole.ends()).filter(row -> row < length).toArray();
        return new TokenSequence(Arrays.copyOf(whole.ids(), length), new int[0], rows);
    }

    private int[] prompt(Rollout rollout) {
        if (texts.isEmpty()) {
            return begun(rollout.promptIds());
        }
        PromptText text = ResponseReader.OfTexts.text(rollout);
        return texts.get().usesTemplate(text)
                ? begun(texts.get().prompt(text))
                : tokens.prompt(text.content().key());
    }

    /** The prompt's tokens after BOS, as in training. */
    private int[] begun(int[] promptIds) {
        Tokenizer tokenizer = tokens.tokenizer();
        if (tokenizer.bosId().isEmpty() || promptIds[0] == tokenizer.bosId().getAsInt()) {
            return promptIds;
        }
        return IntStream.concat(IntStream.of(tokenizer.bosId().getAsInt()), Arrays.stream(promptIds))
                .toArray();
    }

    /** The steps' scores at the tokens of the response in which their separators end, or at its last one. */
    private double[] placed(Rollout rollout, double[] scores) {
        double[] placed = new double[rollout.tokens()];
        int[] ends = tokens.ends(rollout.answer().response());
        StreamingDecoder decoder = policy.streamingDecoder();
        int written = 0;
        int step = 0;
        for (int t = 0; t < placed.length && step < scores.length; t++) {
            written += decoder.push(rollout.responseIds()[t]).length();
            while (step < scores.length && (written >= ends[step] || t == placed.length - 1)) {
                placed[t] += scores[step++];
            }
        }
        return placed;
    }
}
