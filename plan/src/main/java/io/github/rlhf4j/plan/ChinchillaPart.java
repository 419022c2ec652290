package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** How many tokens the size deserves, and what size the training's operations deserve. */
record ChinchillaPart(PlanSubject subject, double tokens) {
    void write(Page page) {
        double parameters = subject.parameters().active();
        double budget = 6 * parameters * tokens;
        ObjectNode json = page.object("chinchilla");
        double rule = Chinchilla.tokens(parameters);
        json.put("tokens", rule);
        json.put("flops", 6 * parameters * rule);
        page.line(
                "chinchilla",
                "%s tokens for %s parameters, 20 each: %s FLOPs",
                Units.rounded(rule),
                Units.rounded(parameters),
                Units.scientific(6 * parameters * rule));
        Map<String, Double> tables = Chinchilla.tables(parameters);
        tables.forEach(json::put);
        page.line(
                "",
                "by its three approaches: %s, %s, %s",
                Units.rounded(tables.getOrDefault("approach_1", 0.0)),
                Units.rounded(tables.getOrDefault("approach_2", 0.0)),
                Units.rounded(tables.getOrDefault("approach_3", 0.0)));
        ObjectNode fits = json.putObject("fits");
        Chinchilla.fits().forEach((name, fit) -> {
            ObjectNode of = fits.putObject(name);
            of.put("tokens", fit.bestTokensFor(parameters));
            of.put("budget_parameters", fit.bestParameters(budget));
            of.put("budget_tokens", fit.bestTokens(budget));
            of.put("loss", fit.loss(parameters, tokens));
            page.line(
                    "",
                    "fit %s: %s; for %s FLOPs %s parameters and %s tokens; loss %s",
                    name,
                    Units.rounded(fit.bestTokensFor(parameters)),
                    Units.scientific(budget),
                    Units.rounded(fit.bestParameters(budget)),
                    Units.rounded(fit.bestTokens(budget)),
                    Units.significant(fit.loss(parameters, tokens)));
        });
    }
}
