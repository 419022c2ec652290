package io.github.rlhf4j.distill;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;

/**
 * What is imitated, where.
 *
 * @param lmbda share of steps on the student's own samples, in [0, 1]
 * @param beta of the generalised Jensen-Shannon divergence, in [0, 1]; 0: KL of the teacher from the student, 1: of the student from the teacher
 * @param seqKd whether the other steps are on the teacher's samples instead of the data's responses
 * @param maxNewTokens longest sample, tokens with the end token
 * @param temperature of sampling, > 0
 */
public record ImitationConfig(double lmbda, double beta, boolean seqKd, int maxNewTokens, double temperature)
        implements ConfigGroup {
    /** As in distill-defaults.yaml. */
    public static final ImitationConfig DEFAULT = new ImitationConfig(0.5, 0.5, false, 128, 0.9);

    public ImitationConfig {
        checkConfig(lmbda >= 0 && lmbda <= 1, "lmbda", lmbda, "must be in [0, 1]");
        checkConfig(beta >= 0 && beta <= 1, "beta", beta, "must be in [0, 1]");
        checkConfig(!seqKd || lmbda < 1, "seq_kd", true, "does nothing with lmbda: 1, so must be false");
        checkConfig(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
    }

    /** Whether some steps are on the responses of the data. */
    boolean readsResponses() {
        return lmbda < 1 && !seqKd;
    }

    /** Whether some steps are on samples. */
    boolean samples() {
        return lmbda > 0 || seqKd;
    }
}
