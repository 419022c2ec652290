package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a model is, and its parameters by part. */
record SizePart(PlanSubject subject) {
    void write(Page page) {
        page.json().put("model", subject.name());
        page.json().put("source", subject.source());
        page.line("model", subject.name() + " (" + subject.source() + ")");
        subject.note().ifPresent(note -> {
            page.json().put("note", note);
            page.line("note", note);
        });
        subject.shape().ifPresent(shape -> shape(shape, page));
        Parameters parameters = subject.parameters();
        ObjectNode json = page.object("parameters");
        json.put("total", parameters.total());
        json.put("active", parameters.active());
        page.line(
                "parameters",
                "%s (%s)%s",
                Units.exact(parameters.total()),
                Units.rounded(parameters.total()),
                parameters.active() == parameters.total()
                        ? ""
                        : ", of which a token meets " + Units.exact(parameters.active()) + " ("
                                + Units.rounded(parameters.active()) + ")");
        if (subject.shape().isPresent()) {
            part(page, json, "embedding", parameters.embedding());
            part(page, json, "attention", parameters.attention());
            part(page, json, "mlp", parameters.mlp());
            part(page, json, "experts", parameters.experts());
            part(page, json, "norms", parameters.norms());
            part(page, json, "head", parameters.head());
        }
    }

    private void part(Page page, ObjectNode json, String name, long weights) {
        json.put(name, weights);
        if (weights > 0) {
            page.line(
                    "  " + name,
                    "%s (%s)",
                    Units.exact(weights),
                    Units.percent((double) weights / subject.parameters().total()));
        } else if (name.equals("head")) {
            page.line("  head", "the embedding's");
        }
    }

    private void shape(ModelShape shape, Page page) {
        AttentionShape attention = shape.layers().get(0).attention();
        FeedForwardShape last = shape.layers().get(shape.layers().size() - 1).feedForward();
        page.line(
                "shape",
                "%s: %d layers, hidden %s, %d heads of %d, vocabulary %s, context %s%s",
                shape.family(),
                shape.layers().size(),
                Units.exact(shape.hidden()),
                attention.heads(),
                attention.keyDim(),
                Units.exact(shape.vocabulary()),
                Units.exact(shape.context()),
                last.experts() == 0
                        ? ""
                        : ", " + last.expertsPerToken() + " of " + last.experts() + " experts a token");
        ObjectNode json = page.object("shape");
        json.put("family", shape.family());
        json.put("layers", shape.layers().size());
        json.put("hidden", shape.hidden());
        json.put("heads", attention.heads());
        json.put("vocabulary", shape.vocabulary());
        json.put("context", shape.context());
    }
}
