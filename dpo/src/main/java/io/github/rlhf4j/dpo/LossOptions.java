package io.github.rlhf4j.dpo;

/**
 * The hyper-parameters a loss may use, by the names of the run file; a factory says which of them it reads ({@link PreferenceLossFactory#keys}).
 *
 * @param beta strength of the pull towards the reference (for ORPO, SimPO and CPO: of the preference), > 0; key {@code beta}
 * @param labelSmoothing probability that a label is wrong, in [0, 1); key {@code label_smoothing}
 * @param divergence transform of the log-ratios; keys {@code f_divergence_type} and {@code f_alpha_divergence_coef}
 * @param ipoLength what ipo compares; key {@code ipo_length}
 * @param simpoGamma target margin of SimPO, dimensionless, finite; key {@code simpo_gamma}
 * @param cpoAlpha weight of CPO's likelihood term, >= 0; key {@code cpo_alpha}
 * @param discopopTau temperature of DiscoPOP's blend, > 0; key {@code discopop_tau}
 */
public record LossOptions(
        double beta,
        double labelSmoothing,
        FDivergence divergence,
        IpoLength ipoLength,
        double simpoGamma,
        double cpoAlpha,
        double discopopTau) {
    public LossOptions {
        check(beta > 0 && Double.isFinite(beta), "beta", beta, "finite and > 0");
        check(labelSmoothing >= 0 && labelSmoothing < 1, "label_smoothing", labelSmoothing, "in [0, 1)");
        check(Double.isFinite(simpoGamma), "simpo_gamma", simpoGamma, "finite");
        check(cpoAlpha >= 0 && Double.isFinite(cpoAlpha), "cpo_alpha", cpoAlpha, "finite and >= 0");
        check(discopopTau > 0 && Double.isFinite(discopopTau), "discopop_tau", discopopTau, "finite and > 0");
    }

    private static void check(boolean valid, String key, double value, String range) {
        if (!valid) {
            throw new IllegalArgumentException(key + " must be " + range + ", but is " + value);
        }
    }
}
