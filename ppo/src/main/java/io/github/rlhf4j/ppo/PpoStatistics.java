package io.github.rlhf4j.ppo;

import io.github.rlhf4j.rollout.SamplingDifference;

/**
 * Sums over the response tokens of (a part of) a mini-batch; parts merge into the whole. Immutable.
 *
 * @param policyLoss the policy loss, weighted as in the total
 * @param valueLoss the value loss, weighted so, before vf_coef
 * @param entropy the entropy, weighted so, before entropy_coef, nats
 * @param tokens response tokens
 * @param positions positions with a value
 * @param entropySum sum of entropies, nats
 * @param squaredLogRatioSum sum of (new - old log-probability)^2
 * @param absoluteLogRatioSum sum of |new - old log-probability|, nats
 * @param ratioSum sum of exp(new - old log-probability)
 * @param clippedTokens tokens whose clipped term is the larger
 * @param clippedPositions positions whose clipped term is the larger
 * @param largestLogRatio largest |new - old log-probability|, nats
 */
public record PpoStatistics(
        double policyLoss,
        double valueLoss,
        double entropy,
        long tokens,
        long positions,
        double entropySum,
        double squaredLogRatioSum,
        double absoluteLogRatioSum,
        double ratioSum,
        long clippedTokens,
        long clippedPositions,
        double largestLogRatio) {
    /** Nothing seen. */
    public static final PpoStatistics EMPTY = new PpoStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** With all that {@code other} has seen. */
    public PpoStatistics merge(PpoStatistics other) {
        return new PpoStatistics(
                policyLoss + other.policyLoss,
                valueLoss + other.valueLoss,
                entropy + other.entropy,
                tokens + other.tokens,
                positions + other.positions,
                entropySum + other.entropySum,
                squaredLogRatioSum + other.squaredLogRatioSum,
                absoluteLogRatioSum + other.absoluteLogRatioSum,
                ratioSum + other.ratioSum,
                clippedTokens + other.clippedTokens,
                clippedPositions + other.clippedPositions,
                Math.max(largestLogRatio, other.largestLogRatio));
    }

    /** Mean of (new - old log-probability)^2 / 2 over tokens, nats. */
    public double approxKl() {
        return squaredLogRatioSum / 2 / tokens;
    }

    /** Mean ratio over tokens. */
    public double meanRatio() {
        return ratioSum / tokens;
    }

    /** How far the log-probabilities are from the old ones. */
    public SamplingDifference difference() {
        return new SamplingDifference(tokens, absoluteLogRatioSum, largestLogRatio);
    }

    /** Mean entropy over tokens, nats. */
    public double meanEntropy() {
        return entropySum / tokens;
    }

    /** Share of tokens whose clipped term is the larger, in [0, 1]. */
    public double clipFraction() {
        return (double) clippedTokens / tokens;
    }

    /** Share of positions whose clipped term is the larger, in [0, 1]; 0 without a value model. */
    public double valueClipFraction() {
        return positions == 0 ? 0 : (double) clippedPositions / positions;
    }

    /** Adds tokens and positions one by one. */
    static final class Builder {
        private double loss;
        private double weightedEntropy;
        private double entropySum;
        private double squares;
        private double absolutes;
        private double ratios;
        private double largest;
        private long tokens;
        private long clippedTokens;
        private double valueLoss;
        private long positions;
        private long clippedPositions;

        /** @param share of the policy's loss: the weight, times the token's importance */
        void addToken(double weight, double share, ElementGradient element, double logRatio, double entropy) {
            loss += share * element.loss();
            weightedEntropy += weight * entropy;
            entropySum += entropy;
            squares += logRatio * logRatio;
            absolutes += Math.abs(logRatio);
            ratios += Math.exp(logRatio);
            largest = Math.max(largest, Math.abs(logRatio));
            tokens++;
            clippedTokens += element.clipped() ? 1 : 0;
        }

        void addPosition(double weight, ElementGradient element) {
            valueLoss += weight * element.loss();
            positions++;
            clippedPositions += element.clipped() ? 1 : 0;
        }

        PpoStatistics build() {
            return new PpoStatistics(
                    loss,
                    valueLoss,
                    weightedEntropy,
                    tokens,
                    positions,
                    entropySum,
                    squares,
                    absolutes,
                    ratios,
                    clippedTokens,
                    clippedPositions,
                    largest);
        }
    }
}
