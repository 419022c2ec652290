package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A loss of single tokens, as https://tinker-docs.thinkingmachines.ai has them; the loss of a request is their sum. */
enum TokenLoss {
    /** {@code -w log p}. */
    CROSS_ENTROPY("cross_entropy", List.of(), List.of(Datum.WEIGHTS), Map.of()) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double weight = inputs.of(Datum.WEIGHTS, 1);
            return new Term(-weight * logProb, -weight);
        }
    },
    /** {@code -r A}, r = p / q. */
    IMPORTANCE_SAMPLING("importance_sampling", List.of(LossInputs.OLD, LossInputs.ADVANTAGES), List.of(), Map.of()) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double loss = -inputs.ratio(logProb) * inputs.of(LossInputs.ADVANTAGES, 0);
            return new Term(loss, loss); // d r / d log p = r
        }
    },
    /** {@code -min(r A, clip(r, low, high) A)}; where both are the same, the gradient is that of the first, as PPO's in module ppo. */
    PPO(
            "ppo",
            List.of(LossInputs.OLD, LossInputs.ADVANTAGES),
            List.of(LossInputs.LOW, LossInputs.HIGH),
            LossInputs.CLIPS) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double plain = -inputs.ratio(logProb) * inputs.of(LossInputs.ADVANTAGES, 0);
            double clipped = -inputs.clippedRatio(logProb) * inputs.of(LossInputs.ADVANTAGES, 0);
            return clipped > plain ? new Term(clipped, 0) : new Term(plain, plain);
        }
    },
    /** {@code -constant(clip(r, low, high)) A log p}; by default clipped above alone. */
    CISPO(
            "cispo",
            List.of(LossInputs.OLD, LossInputs.ADVANTAGES),
            List.of(LossInputs.LOW, LossInputs.HIGH),
            LossInputs.ABOVE) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double weight = -inputs.clippedRatio(logProb) * inputs.of(LossInputs.ADVANTAGES, 0);
            return new Term(weight * logProb, weight);
        }
    },
    /** GSPO-token (Zheng et al. 2025, arXiv:2507.18071, Eq. 13): {@code -min(s A, clip(s, low, high) A)}, s the ratio of the whole sequence, with the gradient of the token's own log-prob. */
    GSPO(
            "gspo",
            List.of(LossInputs.OLD, LossInputs.ADVANTAGES, LossInputs.MASK),
            List.of(LossInputs.LOW, LossInputs.HIGH),
            LossInputs.OF_SEQUENCE) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double plain = -inputs.sequenceRatio() * inputs.of(LossInputs.ADVANTAGES, 0);
            double clipped = -inputs.clipped(inputs.sequenceRatio()) * inputs.of(LossInputs.ADVANTAGES, 0);
            return clipped > plain ? new Term(clipped, 0) : new Term(plain, plain);
        }
    },
    /** {@code -(A log p - beta / 2 (log p - log q)^2)}; the documentation says no default, its example has this beta. */
    DRO("dro", List.of(LossInputs.OLD, LossInputs.ADVANTAGES), List.of(), Map.of("beta", 0.05)) {
        @Override
        Term at(LossInputs inputs, double logProb) {
            double advantage = inputs.of(LossInputs.ADVANTAGES, 0);
            double beta = inputs.config("beta");
            double far = logProb - inputs.of(LossInputs.OLD, 0);
            return new Term(-(advantage * logProb - beta / 2 * far * far), -(advantage - beta * far));
        }
    };

    private final String wireName;
    private final List<String> needed;
    private final List<String> possible;
    private final Map<String, Double> defaults;

    TokenLoss(String wireName, List<String> needed, List<String> possible, Map<String, Double> defaults) {
        this.wireName = wireName;
        this.needed = needed;
        this.possible = possible;
        this.defaults = defaults;
    }

    /**
     * A token's part.
     *
     * @param loss of it
     * @param slope d loss / d log p
     */
    record Term(double loss, double slope) {}

    /** The loss of a token whose target has that log-prob. */
    abstract Term at(LossInputs inputs, double logProb);

    /** Whether the gradient does not depend on log-probs. */
    boolean isLinear() {
        return this == CROSS_ENTROPY;
    }

    /** @throws UserError where there is none of that name */
    static TokenLoss named(String name) {
        for (TokenLoss loss : values()) {
            if (loss.wireName.equals(name)) {
                return loss;
            }
        }
        throw new UserError(
                "the loss \"" + name
                        + "\" is not supported: there are cross_entropy, importance_sampling, ppo, cispo, gspo and dro, and forward_backward_custom for any other");
    }

    /** The numbers of the loss, those of the request over the defaults. */
    Map<String, Double> config(Map<String, Double> given) {
        for (Map.Entry<String, Double> entry : given.entrySet()) {
            if (!defaults.containsKey(entry.getKey())) {
                throw new UserError("loss_fn_config: " + wireName + " has no \"" + entry.getKey() + "\""
                        + (defaults.isEmpty()
                                ? ""
                                : "; there are " + String.join(", ", new TreeSet<>(defaults.keySet()))));
            }
            if (!Double.isFinite(entry.getValue()) || entry.getValue() < 0) {
                throw new UserError(
                        "loss_fn_config." + entry.getKey() + " must be finite and >= 0, but is " + entry.getValue());
            }
        }
        Map<String, Double> all = new TreeMap<>(defaults);
        all.putAll(given);
        requireOrder(all.getOrDefault(LossInputs.LOW, 0.0), all.getOrDefault(LossInputs.HIGH, 0.0), "loss_fn_config");
        return all;
    }

    private static void requireOrder(double low, double high, String where) {
        if (low > high) {
            throw new UserError(where + ": " + LossInputs.LOW + " must be at most " + LossInputs.HIGH
                    + ", but they are " + low + " and " + high);
        }
    }

    /** Whether the inputs of a datum are those of this loss, and of one shape. */
    void check(Datum datum, String where) {
        Set<String> names = datum.inputs().keySet();
        TensorValue targets = datum.inputs().get(Datum.TARGETS);
        if (targets == null) {
            throw new UserError(where + " has no target_tokens");
        }
        for (String name : needed) {
            if (!names.contains(name)) {
                throw new UserError(where + " has no " + name + ", which " + wireName + " needs");
            }
        }
        for (Map.Entry<String, TensorValue> input : datum.inputs().entrySet()) {
            String name = input.getKey();
            if (!name.equals(Datum.TARGETS) && !needed.contains(name) && !possible.contains(name)) {
                throw new UserError(where + " has \"" + name + "\", which " + wireName + " does not know");
            }
            TensorValue value = input.getValue();
            if (value.rows() != targets.rows() || value.columns() != targets.columns()) {
                throw new UserError(where + ": " + name + " has " + value.rows() + " x " + value.columns()
                        + " numbers, but target_tokens " + targets.rows() + " x " + targets.columns());
            }
            for (double number : value.values()) {
                if (!Double.isFinite(number)) {
                    throw new UserError(where + ": " + name + " has a number that is not finite");
                }
            }
        }
    }
}
