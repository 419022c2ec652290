package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** chinchilla.json: how many tokens a size deserves, by the rule of thumb, by the three approaches' tables and by fits. */
public final class Chinchilla {
    private static final JsonNode DATA = Data.read("chinchilla.json");

    private Chinchilla() {}

    /** 20 tokens a parameter: 3 billion parameters need 60 billion tokens. */
    public static double tokens(double parameters) {
        return DATA.path("tokens_per_parameter").asDouble() * parameters;
    }

    /** The published fits by name. */
    public static Map<String, ScalingFit> fits() {
        Map<String, ScalingFit> fits = new LinkedHashMap<>();
        DATA.path("fits").properties().forEach(fit -> {
            JsonNode of = fit.getValue();
            fits.put(
                    fit.getKey(),
                    new ScalingFit(
                            of.path("E").asDouble(),
                            of.path("A").asDouble(),
                            of.path("B").asDouble(),
                            of.path("alpha").asDouble(),
                            of.path("beta").asDouble()));
        });
        return fits;
    }

    /** Tokens by each approach's table, along straight lines between its entries in logarithms, the first and last of which go on. */
    public static Map<String, Double> tables(double parameters) {
        Map<String, Double> tokens = new LinkedHashMap<>();
        DATA.path("tables")
                .properties()
                .forEach(table -> tokens.put(table.getKey(), between(table.getValue(), Math.log(parameters))));
        return tokens;
    }

    private static double between(JsonNode table, double at) {
        JsonNode sizes = DATA.path("parameters");
        int right = 1;
        while (right < sizes.size() - 1 && Math.log(sizes.path(right).asDouble()) < at) {
            right++;
        }
        double x0 = Math.log(sizes.path(right - 1).asDouble());
        double x1 = Math.log(sizes.path(right).asDouble());
        double y0 = Math.log(table.path(right - 1).asDouble());
        double y1 = Math.log(table.path(right).asDouble());
        return Math.exp(y0 + (y1 - y0) * (at - x0) / (x1 - x0));
    }
}
