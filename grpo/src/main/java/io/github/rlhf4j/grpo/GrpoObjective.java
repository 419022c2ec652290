package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.KlEstimator;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The loss of GRPO and its kin over the responses of a step.
 *
 * <pre>
 *   sum over responses i and tokens t of   w_i ( [t counts] s_it L(r_it, A_i) + beta k3_it )   -   entropy_coef mean entropy
 *   r_it = exp(log p(t) - old log p(t)), or exp of its mean over t
 *   s_it: 1; where the sampler had rounded weights what {@link SamplerConfig} makes of exp(old log p(t) - sampler's)
 * </pre>
 */
final class GrpoObjective implements Objective<Completions> {
    private final GrpoLoss loss;
    private final double temperature;
    private final double tokensOfGeneration;
    private final int longest;

    /**
     * @param temperature of sampling
     * @param tokensOfGeneration tokens of a step, in the mean over the steps of a generation
     * @param longest a response may be, tokens
     */
    GrpoObjective(GrpoLoss loss, double temperature, double tokensOfGeneration, int longest) {
        this.loss = loss;
        this.temperature = temperature;
        this.tokensOfGeneration = tokensOfGeneration;
        this.longest = longest;
    }

    /** The policy's part of the loss, where an entropy bonus comes on top of it. */
    record PolicyPart(double loss) {
        PolicyPart plus(PolicyPart other) {
            return new PolicyPart(loss + other.loss);
        }
    }

    @Override
    public List<TokenSequence> layout(Completions part) {
        return part.list().stream().map(Completion::sequence).toList();
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY);
    }

    @Override
    public double temperature() {
        return temperature;
    }

    /** A quantile of entropies is one of the whole step. */
    @Override
    public boolean separable() {
        return loss.topEntropy() == 1;
    }

    @Override
    public void evaluate(ObjectiveBatch<Completions> batch) {
        StepSize size = StepSize.of(batch.stepExamples(), tokensOfGeneration, longest);
        double[] entropies = loss.topEntropy() < 1 ? entropies(batch) : new double[0];
        double least = entropies.length == 0 ? Double.NEGATIVE_INFINITY : quantile(entropies, 1 - loss.topEntropy());
        long counting = entropies.length == 0
                ? size.tokens()
                : Arrays.stream(entropies).filter(entropy -> entropy >= least).count();
        double policy = 0;
        for (int example = 0; example < batch.examples().size(); example++) {
            List<Completion> completions = batch.examples().get(example).list();
            for (int i = 0; i < completions.size(); i++) {
                policy += evaluate(completions.get(i), batch.sequence(example, i), size, least, batch.metrics());
                if (loss.entropyCoef() != 0) {
                    batch.addLoss(-entropyBonus(completions.get(i), batch.sequence(example, i), least, counting));
                }
            }
        }
        batch.addLoss(policy);
        if (loss.entropyCoef() != 0) {
            batch.metrics().gather(PolicyPart.class, new PolicyPart(policy), PolicyPart::plus);
        }
    }

    private static double[] entropies(ObjectiveBatch<Completions> batch) {
        return IntStream.range(0, batch.examples().size())
                .boxed()
                .flatMapToDouble(example -> IntStream.range(0, batch.sequences(example))
                        .filter(i ->
                                !batch.examples().get(example).list().get(i).masked())
                        .mapToObj(i -> batch.sequence(example, i))
                        .flatMapToDouble(outputs -> IntStream.range(0, outputs.targets())
                                .mapToDouble(t -> outputs.statistic(Column.ENTROPY, t))))
                .toArray();
    }

    /** Between the two nearest numbers in proportion, as torch.quantile. */
    static double quantile(double[] numbers, double share) {
        double[] sorted = DoubleStream.of(numbers).sorted().toArray();
        double at = share * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** Adds the gradient of one response; returns its part of the loss. */
    private double evaluate(
            Completion completion, SequenceOutputs outputs, StepSize size, double leastEntropy, StepMetrics metrics) {
        double[] ratios = ratios(completion, outputs);
        if (completion.masked()) {
            if (loss.sequenceLevel()) { // as TRL, which counts its ratio of 1
                loss.token().count(ratios, completion.advantage(), metrics);
            }
            return 0;
        }
        int tokens = outputs.targets();
        double weight = loss.aggregation().weight(tokens, size);
        boolean kept = isKept(completion, outputs);
        double[] importance = loss.sampler().weights(completion);
        boolean hasReference = completion.refLogProbs().length > 0;
        double sum = 0;
        double kl = 0;
        double byRatios = 0; // of a ratio that all tokens share
        for (int t = 0; t < tokens; t++) {
            double logProb = outputs.logProb(t);
            double ratio = ratios[Math.min(t, ratios.length - 1)];
            double byRatio = 0;
            double byLogProb = 0;
            if (kept && outputs.statistic(Column.ENTROPY, t) >= leastEntropy) {
                TokenTerm term = loss.token().at(ratio, logProb, completion.advantage());
                double share = importance[Math.min(t, importance.length - 1)];
                sum += share * term.loss();
                byRatio += share * term.byRatio();
                byLogProb += share * term.byLogProb();
            }
            if (hasReference) {
                double logRatio = logProb - completion.refLogProbs()[t];
                double factor = loss.biasCorrection() ? ratio : 1;
                double divergence = KlEstimator.K3.value(logRatio);
                kl += factor * divergence;
                byLogProb += loss.beta() * factor * KlEstimator.K3.slope(logRatio);
                byRatio += loss.biasCorrection() ? loss.beta() * divergence : 0;
            }
            if (loss.sequenceLevel()) {
                byRatios += byRatio;
            } else {
                byLogProb += byRatio * ratio; // d ratio / d log-prob = ratio
            }
            outputs.addLogProbGradient(t, weight * byLogProb);
        }
        if (loss.sequenceLevel()) {
            outputs.addSumLogProbGradient(weight * byRatios * ratios[0] / tokens);
        }
        if (hasReference) {
            metrics.mean("kl", kl, tokens);
        }
        metrics.mean("entropy", outputs.sum(Column.ENTROPY), tokens);
        loss.token().count(ratios, completion.advantage(), metrics);
        return weight * (sum + loss.beta() * kl);
    }

    /** The ratio of each token, or one for all. */
    private double[] ratios(Completion completion, SequenceOutputs outputs) {
        double[] logRatios = new double[outputs.targets()];
        for (int t = 0; t < logRatios.length; t++) {
            double now = outputs.logProb(t);
            logRatios[t] = completion.masked() ? 0 : now - completion.oldLogProb(t, now);
        }
        double[] taken =
                loss.sequenceLevel() ? new double[] {Arrays.stream(logRatios).sum() / logRatios.length} : logRatios;
        return Arrays.stream(taken).map(Math::exp).toArray();
    }

    /** DeepSeek-V3.2's mask: a response with a negative advantage counts only as far as the policy still is where it was sampled. */
    private boolean isKept(Completion completion, SequenceOutputs outputs) {
        if (completion.advantage() >= 0 || loss.offPolicyThreshold() == Double.POSITIVE_INFINITY) {
            return true;
        }
        double sum = 0;
        for (int t = 0; t < outputs.targets(); t++) {
            sum += completion.samplerLogProb(t, outputs.logProb(t)) - outputs.logProb(t);
        }
        return sum / outputs.targets() <= loss.offPolicyThreshold();
    }

    private double entropyBonus(Completion completion, SequenceOutputs outputs, double leastEntropy, long counting) {
        if (completion.masked()) {
            return 0;
        }
        double weight = loss.entropyCoef() / Math.max(1, counting);
        double sum = 0;
        for (int t = 0; t < outputs.targets(); t++) {
            double entropy = outputs.statistic(Column.ENTROPY, t);
            if (entropy >= leastEntropy) {
                sum += entropy;
                outputs.addEntropyGradient(t, -weight);
            }
        }
        return weight * sum;
    }
}
