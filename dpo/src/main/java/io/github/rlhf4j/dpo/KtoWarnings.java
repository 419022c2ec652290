package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What KTO's data and weights should not be. */
final class KtoWarnings {
    private static final double MOST = 4.0 / 3;
    private static final double ROUNDING = 0.005; // TRL compares in two decimals

    private KtoWarnings() {}

    /** A sentence for each. */
    static List<String> of(KtoConfig config, Examples<TokenizedUnpaired> rows, MismatchedResponses mismatched) {
        List<String> warnings = new ArrayList<>();
        if (config.lossType() == KtoLossType.KTO && mismatched.onePrompt()) {
            warnings.add("all rows have the same prompt, so the KL estimate takes other responses to it;"
                    + " loss_type: apo_zero_unpaired needs no estimate");
        }
        long desirable = 0;
        for (long i = 0; i < rows.size(); i++) {
            desirable += rows.get(i).label() ? 1 : 0;
        }
        warnings.addAll(
                balance(desirable, rows.size() - desirable, config.desirableWeight(), config.undesirableWeight()));
        return warnings;
    }

    /** Whether weights times rows of both labels are in the proportion of Ethayarajh et al. 2024, arXiv:2402.01306, Eq. 8. */
    static List<String> balance(long desirable, long undesirable, double desirableWeight, double undesirableWeight) {
        if (desirable == 0 || undesirable == 0) {
            return List.of(
                    "all " + (desirable + undesirable) + " rows are " + (desirable == 0 ? "undesirable" : "desirable")
                            + ": KTO learns from the difference to the others");
        }
        double good = desirableWeight * desirable;
        double bad = undesirableWeight * undesirable;
        if (good / bad >= 1 - ROUNDING && good / bad <= MOST + ROUNDING) {
            return List.of();
        }
        return List.of(String.format(
                Locale.ROOT,
                "desirable_weight x %d desirable rows / (undesirable_weight x %d undesirable rows) is %.2f, but should be 1 to 1.33"
                        + " (Ethayarajh et al. 2024, Eq. 8): desirable_weight %.2f to %.2f or undesirable_weight %.2f to %.2f would do",
                desirable,
                undesirable,
                good / bad,
                bad / desirable,
                MOST * bad / desirable,
                good / undesirable / MOST,
                good / undesirable));
    }
}
