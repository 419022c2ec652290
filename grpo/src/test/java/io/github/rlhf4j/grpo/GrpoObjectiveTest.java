package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.rollout.ImportanceSampling;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The loss over a step: gradients are central differences; normalisers and masks by hand. */
class GrpoObjectiveTest {
    private static final double[][] LOG_PROBS = {{-1.0, -2.3}, {-0.4, -1.7, -3.1}, {-2.2}};
    private static final double[][] ENTROPIES = {{1.2, 0.3}, {0.9, 2.1, 0.1}, {1.6}};
    private static final double[][] OLD = {{-1.1, -2.0}, {-0.6, -1.6, -3.0}, {-2.1}};
    private static final double[][] SAMPLER = {{-1.4, -2.1}, {-0.2, -1.1, -2.9}, {-2.0}};
    private static final double[][] REFERENCE = {{-1.4, -2.1}, {-0.5, -2.0, -2.7}, {-1.9}};
    private static final double[] ADVANTAGES = {0.8, -1.1, 0.3};

    private static Completion completion(int i, boolean masked) {
        return new Completion(
                new int[] {1, 2}, new int[OLD[i].length], OLD[i], SAMPLER[i], REFERENCE[i], ADVANTAGES[i], masked);
    }

    private static FakeBatch batch(double[][] logProbs, double[][] entropies, boolean lastMasked) {
        return new FakeBatch(
                List.of(
                        new Completions(List.of(completion(0, false), completion(1, false))),
                        new Completions(List.of(completion(2, lastMasked)))),
                logProbs,
                entropies);
    }

    private static GrpoLoss loss(LossType type, boolean sequence, double beta, double top, double entropyCoef) {
        TokenLoss token = type == LossType.SAPO ? new SapoLoss(1, 1.05) : new ClippedLoss(0.15, 0.25, 3);
        return new GrpoLoss(
                token, type.aggregation(), sequence, beta, true, top, entropyCoef, SamplerConfig.DEFAULT, 1e9);
    }

    private static GrpoLoss of(GrpoLoss loss, ImportanceSampling mode, double limit) {
        return new GrpoLoss(
                loss.token(),
                loss.aggregation(),
                loss.sequenceLevel(),
                loss.beta(),
                loss.biasCorrection(),
                loss.topEntropy(),
                loss.entropyCoef(),
                new SamplerConfig(WeightType.INT8, Optional.of(mode), OptionalDouble.of(limit)),
                loss.offPolicyThreshold());
    }

    private static double loss(GrpoLoss loss, double[][] logProbs, double[][] entropies) {
        FakeBatch batch = batch(logProbs, entropies, false);
        new GrpoObjective(loss, 1, 5, 9).evaluate(batch);
        return batch.loss;
    }

    @ParameterizedTest
    @CsvSource({
        "GRPO, false, 0, 1, 0",
        "GRPO, true, 0.3, 1, 0",
        "BNPO, false, 0.3, 1, 0",
        "DR_GRPO, true, 0, 1, 0.2",
        "DAPO, false, 0.3, 0.5, 0.2",
        "SAPO, false, 0, 1, 0",
        "SAPO, true, 0.3, 0.5, 0"
    })
    void gradientsAreCentralDifferences(LossType type, boolean sequence, double beta, double top, double entropyCoef) {
        checkGradients(loss(type, sequence, beta, top, entropyCoef));
    }

    @ParameterizedTest
    @EnumSource(ImportanceSampling.class)
    void gradientsOfARoundedSamplersTokensAreCentralDifferences(ImportanceSampling mode) {
        checkGradients(of(loss(LossType.DAPO, false, 0.3, 1, 0), mode, 1.2));
        checkGradients(of(loss(LossType.GRPO, true, 0, 0.5, 0.2), mode, 1.2));
    }

    private static void checkGradients(GrpoLoss loss) {
        FakeBatch batch = batch(LOG_PROBS, ENTROPIES, false);
        new GrpoObjective(loss, 1, 5, 9).evaluate(batch);

        for (int i = 0; i < LOG_PROBS.length; i++) {
            for (int t = 0; t < LOG_PROBS[i].length; t++) {
                double byLogProb = (loss(loss, moved(LOG_PROBS, i, t, 1e-6), ENTROPIES)
                                - loss(loss, moved(LOG_PROBS, i, t, -1e-6), ENTROPIES))
                        / 2e-6;
                double byEntropy = (loss(loss, LOG_PROBS, moved(ENTROPIES, i, t, 1e-6))
                                - loss(loss, LOG_PROBS, moved(ENTROPIES, i, t, -1e-6)))
                        / 2e-6;
                assertThat(batch.byLogProb[i][t]).as("log-prob %d, %d", i, t).isCloseTo(byLogProb, within(1e-8));
                assertThat(batch.byEntropy[i][t]).as("entropy %d, %d", i, t).isCloseTo(byEntropy, within(1e-8));
            }
        }
    }

    private static double[][] moved(double[][] numbers, int i, int t, double by) {
        double[][] moved = new double[numbers.length][];
        for (int row = 0; row < moved.length; row++) {
            moved[row] = numbers[row].clone();
        }
        moved[i][t] += by;
        return moved;
    }

    @Test
    void tokensWeighAsTheLossTypeSays() {
        // all ratios are 1, so the loss is -sum of weight times advantage; lengths 2, 3 and 1
        double bySequence = -(0.8 - 1.1 + 0.3) / 3;
        double byToken = -(2 * 0.8 - 3 * 1.1 + 0.3);

        assertThat(loss(loss(LossType.GRPO, false, 0, 1, 0), OLD, ENTROPIES)).isCloseTo(bySequence, within(1e-12));
        assertThat(loss(loss(LossType.BNPO, false, 0, 1, 0), OLD, ENTROPIES)).isCloseTo(byToken / 6, within(1e-12));
        assertThat(loss(loss(LossType.DR_GRPO, false, 0, 1, 0), OLD, ENTROPIES))
                .isCloseTo(byToken / 3 / 9, within(1e-12));
        assertThat(loss(loss(LossType.DAPO, false, 0, 1, 0), OLD, ENTROPIES)).isCloseTo(byToken / 5, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(LossType.class)
    void aMaskedResponseHasNoGradientAndCountsAmongTheResponses(LossType type) {
        FakeBatch batch = batch(LOG_PROBS, ENTROPIES, true);
        new GrpoObjective(loss(type, false, 0.3, 1, 0.1), 1, 5, 9).evaluate(batch);

        assertThat(batch.byLogProb[2]).containsExactly(0);
        assertThat(batch.byEntropy[2]).containsExactly(0);
        StepSize size = StepSize.of(batch.stepExamples(), 5, 9);
        assertThat(size).isEqualTo(new StepSize(3, 5, 5, 9));
    }

    @Test
    void theDivergenceIsNotWeighedByTheSamplersProbabilities() {
        // ratios to the old policy are 1; old less sampler: .3 and .1; -.4, -.5 and -.1; -.1
        GrpoLoss plain = loss(LossType.BNPO, false, 0.3, 1, 0);
        double kl = loss(plain, OLD, ENTROPIES) + (2 * 0.8 - 3 * 1.1 + 0.3) / 6;
        double byTokens = (Math.exp(0.3) + Math.exp(0.1)) * 0.8
                - (Math.exp(-0.4) + Math.exp(-0.5) + Math.exp(-0.1)) * 1.1
                + Math.exp(-0.1) * 0.3;
        double cut = byTokens + (1.2 - Math.exp(0.3)) * 0.8;
        double masked = byTokens - Math.exp(0.3) * 0.8;
        double bySequences = 2 * Math.exp(0.4) * 0.8 - 3 * Math.exp(-1) * 1.1 + Math.exp(-0.1) * 0.3;
        double sequenceMasked = bySequences - 2 * Math.exp(0.4) * 0.8;

        assertThat(loss(of(plain, ImportanceSampling.TOKEN_TRUNCATE, 3), OLD, ENTROPIES))
                .isCloseTo(kl - byTokens / 6, within(1e-12));
        assertThat(loss(of(plain, ImportanceSampling.TOKEN_TRUNCATE, 1.2), OLD, ENTROPIES))
                .isCloseTo(kl - cut / 6, within(1e-12));
        assertThat(loss(of(plain, ImportanceSampling.TOKEN_MASK, 1.2), OLD, ENTROPIES))
                .isCloseTo(kl - masked / 6, within(1e-12));
        assertThat(loss(of(plain, ImportanceSampling.SEQUENCE_MASK, 3), OLD, ENTROPIES))
                .isCloseTo(kl - bySequences / 6, within(1e-12));
        assertThat(loss(of(plain, ImportanceSampling.SEQUENCE_MASK, 1.2), OLD, ENTROPIES))
                .isCloseTo(kl - sequenceMasked / 6, within(1e-12));
        assertThat(loss(of(plain, ImportanceSampling.SEQUENCE_TRUNCATE, 1.2), OLD, ENTROPIES))
                .isCloseTo(kl - (sequenceMasked + 2 * 1.2 * 0.8) / 6, within(1e-12));
    }

    @Test
    void aBadResponseFarFromItsSamplerIsLeftOut() {
        GrpoLoss loss = new GrpoLoss(
                new ClippedLoss(0.2, 0.2, 9), Aggregation.TOKEN, false, 0, true, 1, 0, SamplerConfig.DEFAULT, 0);
        double[][] gone = {{-5, -5}, {-5, -5, -5}, {-5}};
        FakeBatch batch = batch(gone, ENTROPIES, false);
        new GrpoObjective(loss, 1, 5, 9).evaluate(batch);

        assertThat(batch.byLogProb[1]).containsExactly(0, 0, 0);
        assertThat(batch.byLogProb[0][0]).isNegative();
    }

    @Test
    void aQuantileIsBetweenItsNeighbours() {
        assertThat(GrpoObjective.quantile(new double[] {3, 1, 2, 5}, 0.8)).isCloseTo(3.8, within(1e-12));
        assertThat(GrpoObjective.quantile(new double[] {4}, 0.3)).isEqualTo(4);
    }
}
