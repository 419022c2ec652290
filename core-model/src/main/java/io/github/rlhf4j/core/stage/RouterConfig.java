package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Transformer;
import java.util.OptionalDouble;

/**
 * How routers of a mixture of experts are kept in balance.
 *
 * @param routerAuxLossCoef coefficient of their loss, finite and >= 0; absent: config.json's, where that has output_router_logits: true
 */
public record RouterConfig(OptionalDouble routerAuxLossCoef) implements ConfigGroup {
    private static final String KEY = "router_aux_loss_coef";

    /** As the model says. */
    public static final RouterConfig NONE = new RouterConfig(OptionalDouble.empty());

    public RouterConfig {
        double coefficient = routerAuxLossCoef.orElse(0);
        checkConfig(coefficient >= 0 && Double.isFinite(coefficient), KEY, coefficient, "must be finite and >= 0");
    }

    /**
     * Tells the model that is trained.
     *
     * @throws UserError where it has no routers
     */
    public void applyTo(Transformer model, ModelReference reference) {
        if (routerAuxLossCoef.isEmpty()) {
            return;
        }
        if (model.config().feedForward().experts() < 2) {
            throw new UserError(KEY + " has no effect with model " + reference.given()
                    + ", which is no mixture of experts; remove it");
        }
        model.setRouterLoss(routerAuxLossCoef.getAsDouble());
    }
}
