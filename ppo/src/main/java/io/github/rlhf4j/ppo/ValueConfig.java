package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.Optional;

/**
 * The value model and its loss.
 *
 * @param value own: a model of its own; shared: a head on the policy's trunk
 * @param valueModel where an own value model starts from; default: reward_model, or else the policy's trunk with a new head
 * @param valueLearningRate of an own value model; 0: learning_rate
 * @param vfCoef weight of the value loss
 * @param cliprangeValue how far the value may leave the old value
 */
public record ValueConfig(
        ValueKind value,
        Optional<ModelReference> valueModel,
        double valueLearningRate,
        double vfCoef,
        double cliprangeValue)
        implements ConfigGroup {
    /** As in ppo-defaults.yaml. */
    public static final ValueConfig DEFAULT = new ValueConfig(ValueKind.OWN, Optional.empty(), 0, 0.1, 0.2);

    /** Where values come from. */
    public enum ValueKind {
        OWN,
        SHARED
    }

    public ValueConfig {
        checkConfig(
                value == ValueKind.OWN || valueModel.isEmpty(),
                "value_model",
                valueModel.map(ModelReference::given).orElse(""),
                "does nothing with value: shared, so must be left out");
        checkConfig(
                value == ValueKind.OWN || valueLearningRate == 0,
                "value_learning_rate",
                valueLearningRate,
                "does nothing with value: shared, so must be 0");
        checkConfig(cliprangeValue > 0, "cliprange_value", cliprangeValue, "must be > 0");
        checkConfig(vfCoef >= 0 && Double.isFinite(vfCoef), "vf_coef", vfCoef, "must be finite and >= 0");
        checkConfig(
                valueLearningRate >= 0 && Double.isFinite(valueLearningRate),
                "value_learning_rate",
                valueLearningRate,
                "must be > 0, or 0 for learning_rate");
    }

    /** Whether the value head is on the policy's trunk. */
    boolean shared() {
        return value == ValueKind.SHARED;
    }
}
