package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * KTO over the responses of a step, given its reference point: sums each response's log-probs, asks the loss, hands its derivatives back to the tokens.
 *
 * <p>Metrics are TRL 1.16's: rewards and log-probs are means over the responses of a label, logits over their tokens, entropy over all tokens.
 */
public final class KtoObjective implements Objective<WithRefLogProbs<KtoTokens>> {
    private final KtoLoss loss;
    private final double beta;
    private final double referencePoint;

    /**
     * With a reference point that is known; 0 makes it TRL's apo_zero_unpaired.
     *
     * @param beta scales the reported rewards
     * @param referencePoint z0 of this step, nats
     */
    public KtoObjective(KtoLoss loss, double beta, double referencePoint) {
        this.loss = loss;
        this.beta = beta;
        this.referencePoint = referencePoint;
    }

    /**
     * Of one step, whose reference point comes from the mismatched responses of its batch.
     *
     * @param batch the examples of the step, whose log-probs are of {@link KtoTokens#both}
     * @param policy the model that is trained, as it is before the step
     * @throws NonFinite where a log-prob of a mismatched response is not finite, which no example's own loss would show
     */
    public static KtoObjective of(
            KtoLoss loss, double beta, List<WithRefLogProbs<KtoTokens>> batch, ResponseLogProbs policy) {
        return new KtoObjective(loss, beta, referencePoint(batch, policy, true));
    }

    /**
     * z0 of a step, nats: of the mismatched responses of its batch.
     *
     * @param mustBeFinite whether a log-prob that is not finite is an error; else z0 is NaN, as for held-out rows, from which nothing is learnt
     */
    static double referencePoint(
            List<WithRefLogProbs<KtoTokens>> batch, ResponseLogProbs policy, boolean mustBeFinite) {
        List<List<TokenSequence>> mismatched = batch.stream()
                .map(example -> List.of(example.tokens().mismatched()))
                .toList();
        double[] logProbs = Arrays.stream(policy.score(mismatched))
                .mapToDouble(score -> score[0])
                .toArray();
        double[] refLogProbs = batch.stream()
                .mapToDouble(example -> example.refLogProbs()[KtoTokens.MISMATCHED])
                .toArray();
        if (mustBeFinite) {
            requireFinite("the policy", logProbs);
            requireFinite("the reference", refLogProbs);
        }
        return KtoLoss.referencePoint(logProbs, refLogProbs);
    }

    private static void requireFinite(String model, double[] logProbs) {
        List<Integer> wrong = IntStream.range(0, logProbs.length)
                .filter(i -> !Double.isFinite(logProbs[i]))
                .boxed()
                .toList();
        if (!wrong.isEmpty()) {
            throw new NonFinite(
                    model + " gives the mismatched response of a row the log-prob " + logProbs[wrong.get(0)]
                            + ", but it must be finite",
                    new TreeMap<>(Map.of("mismatched_log_probs_not_finite", wrong, "of", model)),
                    wrong);
        }
    }

    @Override
    public List<TokenSequence> layout(WithRefLogProbs<KtoTokens> example) {
        return List.of(example.tokens().response());
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY, Column.MEAN_LOGIT);
    }

    @Override
    public void evaluate(ObjectiveBatch<WithRefLogProbs<KtoTokens>> batch) {
        List<UnpairedLogProbs> responses = new ArrayList<>();
        for (int i = 0; i < batch.examples().size(); i++) {
            WithRefLogProbs<KtoTokens> example = batch.examples().get(i);
            responses.add(new UnpairedLogProbs(
                    example.tokens().row().label(),
                    batch.sequence(i, 0).sumLogProb(),
                    example.refLogProbs()[KtoTokens.RESPONSE]));
        }
        UnpairedGradient gradient = loss.evaluate(responses, referencePoint);
        double share = (double) responses.size() / batch.stepExamples().size(); // of the step's mean
        batch.addLoss(share * gradient.loss());
        for (int i = 0; i < responses.size(); i++) {
            batch.sequence(i, 0).addSumLogProbGradient(share * gradient.dLogProb(i));
            recordMetrics(batch.metrics(), responses.get(i), batch.sequence(i, 0), batch.stepExamples());
        }
    }

    private void recordMetrics(
            StepMetrics metrics,
            UnpairedLogProbs response,
            SequenceOutputs outputs,
            List<WithRefLogProbs<KtoTokens>> step) {
        String side = response.desirable() ? "chosen" : "rejected";
        double reward = beta * (response.policy() - response.reference());
        metrics.mean("kl", referencePoint, 1);
        metrics.mean("entropy", outputs.sum(Column.ENTROPY), outputs.targets());
        metrics.mean("logits/" + side, outputs.sum(Column.MEAN_LOGIT), outputs.targets());
        metrics.mean("rewards/" + side, reward, 1);
        metrics.mean("logps/" + side, response.policy(), 1);
        long alike = step.stream()
                .filter(example -> example.tokens().row().label() == response.desirable())
                .count();
        if (alike < step.size()) { // the difference of both sides' means; shares of a step add up to 1
            metrics.mean("rewards/margins", (response.desirable() ? reward : -reward) / alike, 1.0 / step.size());
        }
    }
}
