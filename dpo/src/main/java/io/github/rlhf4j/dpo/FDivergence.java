package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

import java.util.List;

/**
 * The divergence that holds the policy near the reference: it turns a log-ratio x = log pi/ref into the score f'(pi/ref).
 *
 * <p>Source: Wang et al. 2023, arXiv:2309.16240, Table 1; constants as TRL 1.16 keeps them, which matter where lengths divide (ipo).
 */
public sealed interface FDivergence {
    /** The names of a run file's {@code f_divergence_type}. */
    List<String> NAMES = List.of("reverse_kl", "forward_kl", "js_divergence", "alpha_divergence");

    /**
     * The divergence of a run file's {@code f_divergence_type}.
     *
     * @param name reverse_kl, forward_kl, js_divergence or alpha_divergence
     * @param alpha {@code f_alpha_divergence_coef}, read by alpha_divergence only
     * @throws IllegalArgumentException for another name
     */
    static FDivergence of(String name, double alpha) {
        return switch (name) {
            case "reverse_kl" -> new ReverseKl();
            case "forward_kl" -> new ForwardKl();
            case "js_divergence" -> new JsDivergence();
            case "alpha_divergence" -> new AlphaDivergence(alpha);
            default ->
                throw new IllegalArgumentException("f_divergence_type must be one of " + NAMES + ", but is " + name);
        };
    }

    /** The score of a log-ratio {@code x} (nats). */
    double score(double x);

    /** d score / d x. */
    double slope(double x);

    /** The scores of both responses of a pair. */
    default PairScores scores(PairLogProbs pair) {
        double chosen = pair.chosenLogRatio();
        double rejected = pair.rejectedLogRatio();
        return new PairScores(score(chosen), score(rejected), slope(chosen), slope(rejected));
    }

    /** Reverse Kullback-Leibler, DPO's own: x. */
    record ReverseKl() implements FDivergence {
        @Override
        public double score(double x) {
            return x;
        }

        @Override
        public double slope(double x) {
            return 1;
        }
    }

    /** Forward Kullback-Leibler: 1 - e^-x. */
    record ForwardKl() implements FDivergence {
        @Override
        public double score(double x) {
            return -Math.expm1(-x);
        }

        @Override
        public double slope(double x) {
            return Math.exp(-x);
        }
    }

    /** Jensen-Shannon: log 2 + log S(x). */
    record JsDivergence() implements FDivergence {
        @Override
        public double score(double x) {
            return Math.log(2) + logSigmoid(x);
        }

        @Override
        public double slope(double x) {
            return sigmoid(-x);
        }
    }

    /**
     * Alpha divergence: (e^((alpha-1) x) - 1) / (alpha-1), and its limit x at alpha = 1; the exponent is cut at 80, as in TRL.
     *
     * @param alpha the coefficient, finite; 0 is forward, 1 reverse Kullback-Leibler
     */
    record AlphaDivergence(double alpha) implements FDivergence {
        private static final double MAX_EXPONENT = 80;

        public AlphaDivergence {
            if (!Double.isFinite(alpha)) {
                throw new IllegalArgumentException("alpha must be finite, but is " + alpha);
            }
        }

        @Override
        public double score(double x) {
            return isLimit() ? x : Math.expm1(Math.min((alpha - 1) * x, MAX_EXPONENT)) / (alpha - 1);
        }

        @Override
        public double slope(double x) {
            if (isLimit()) {
                return 1;
            }
            double exponent = (alpha - 1) * x;
            return exponent > MAX_EXPONENT ? 0 : Math.exp(exponent);
        }

        private boolean isLimit() {
            return Math.abs(alpha - 1) < 1e-6;
        }
    }

    /**
     * The divergence scores of a pair and their slopes by the policy's log-probabilities.
     *
     * @param chosen score of the chosen response
     * @param rejected score of the rejected response
     * @param chosenSlope d chosen score / d its log-probability
     * @param rejectedSlope d rejected score / d its log-probability
     */
    record PairScores(double chosen, double rejected, double chosenSlope, double rejectedSlope) {
        /** The chosen score less the rejected one. */
        public double gap() {
            return chosen - rejected;
        }

        /** The gradient of a loss that is a function of the gap, by the chain rule. */
        public PairGradient gradient(double loss, double dGap) {
            return new PairGradient(loss, dGap * chosenSlope, -dGap * rejectedSlope);
        }

        /** The scores per token of each response. */
        public PairScores perToken(PairLogProbs pair) {
            return new PairScores(
                    chosen / pair.chosenTokens(),
                    rejected / pair.rejectedTokens(),
                    chosenSlope / pair.chosenTokens(),
                    rejectedSlope / pair.rejectedTokens());
        }
    }
}
