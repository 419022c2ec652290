package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Operations of a token, and of a training. */
record TrainingPart(PlanSubject subject, PlanOptions options, long length) {
    private static final double PETAFLOP_DAY = 1e15 * 86_400;

    /** Tokens of the training: those of the data times epochs. */
    double tokens() {
        return dataTokens() * options.workload().epochs();
    }

    private double dataTokens() {
        return options.workload()
                .tokens()
                .orElseGet(() -> subject.tokens().isPresent()
                        ? subject.tokens().getAsLong()
                        : Chinchilla.tokens(subject.parameters().active()));
    }

    private String origin() {
        if (options.workload().tokens().isPresent()) {
            return "as given";
        }
        return subject.tokens().isPresent() ? "as published" : "20 a parameter";
    }

    /** Operations of the training: exactly where the sizes are known, else 6 N D; with checkpointing the forward pass twice. */
    double flops() {
        return tokens() * flopsOfToken();
    }

    private double flopsOfToken() {
        boolean again = options.training().checkpointing();
        return subject.shape()
                .map(shape -> new Flops(shape, subject.parameters(), length))
                .map(flops -> (double) flops.backward() + (again ? 2 : 1) * flops.forward())
                .orElse((again ? 8.0 : 6.0) * subject.parameters().active());
    }

    void write(Page page) {
        ObjectNode json = page.object("flops_per_token");
        long sixN = 6 * subject.parameters().active();
        subject.shape().ifPresent(shape -> {
            Flops flops = new Flops(shape, subject.parameters(), length);
            json.put("length", length);
            json.put("forward", flops.forward());
            json.put("backward", flops.backward());
            json.put("forward_backward", flops.forward() + flops.backward());
            json.put("causal_forward", Math.round(flops.causalForward()));
            json.put("palm", flops.palm());
            page.line(
                    "FLOPs a token",
                    "forward %s, backward %s, in sequences of %s tokens; %s of it is attention over them",
                    Units.rounded(flops.forward()),
                    Units.rounded(flops.backward()),
                    Units.exact(length),
                    Units.percent(1 - (double) new Flops(shape, subject.parameters(), 0).forward() / flops.forward()));
        });
        json.put("six_n", sixN);
        page.line("", "by 6 N: %s for both", Units.rounded(sixN));
        training(page, sixN);
    }

    private void training(Page page, long sixN) {
        ObjectNode json = page.object("training");
        json.put("data_tokens", dataTokens());
        json.put("epochs", options.workload().epochs());
        json.put("tokens", tokens());
        json.put("flops", sixN * tokens());
        json.put("exact_flops", flops());
        json.put("petaflop_days", sixN * tokens() / PETAFLOP_DAY);
        page.line(
                "training",
                "%s tokens%s (%s), %s a parameter",
                Units.rounded(tokens()),
                options.workload().epochs() == 1
                        ? ""
                        : " = " + Units.rounded(dataTokens()) + " x "
                                + Units.significant(options.workload().epochs()) + " epochs",
                origin(),
                Units.significant(tokens() / subject.parameters().active()));
        page.line(
                "",
                "6 N D = %s FLOPs = %s PFLOP/s-days%s",
                Units.scientific(sixN * tokens()),
                Units.significant(sixN * tokens() / PETAFLOP_DAY),
                subject.shape().isEmpty() ? "" : "; exactly " + Units.scientific(flops()));
    }
}
