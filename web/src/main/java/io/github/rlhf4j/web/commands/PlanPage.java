package io.github.rlhf4j.web.commands;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import java.util.ArrayList;
import java.util.List;

/** Page Plan: the command {@code plan}. */
public final class PlanPage implements WebPage {
    private static final List<String> OPTIONS = List.of(
            "tokens",
            "epochs",
            "length",
            "batch-size",
            "precision",
            "optimizer",
            "adapter-r",
            "base-weights",
            "hardware",
            "devices");

    private final ProgramCommand program;

    public PlanPage(ProgramCommand program) {
        this.program = program;
    }

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String title() {
        return "Plan";
    }

    @Override
    public void routes(Routes routes) {
        routes.get(
                "plan/models", request -> program.run(List.of("plan", "--list")).json());
        routes.get("plan", request -> program.run(arguments(request)).json());
    }

    private static List<String> arguments(WebRequest request) {
        List<String> arguments = new ArrayList<>(List.of("plan"));
        for (String option : OPTIONS) {
            request.find(option).ifPresent(value -> arguments.add("--" + option + "=" + value));
        }
        if (request.isOn("gradient-checkpointing")) {
            arguments.add("--gradient-checkpointing");
        }
        arguments.add("--");
        arguments.add(request.text("what"));
        for (String value : request.find("values").orElse("").split("\\s+")) {
            if (!value.isEmpty() && !value.contains("=")) {
                throw new UserError("values must be key=value, but there is " + value);
            }
            if (!value.isEmpty()) {
                arguments.add(value);
            }
        }
        return arguments;
    }
}
