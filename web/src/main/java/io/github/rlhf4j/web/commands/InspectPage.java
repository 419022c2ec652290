package io.github.rlhf4j.web.commands;

import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import java.util.ArrayList;
import java.util.List;

/** Page Inspect: the command {@code inspect}, of a model, a run or a dataset. */
public final class InspectPage implements WebPage {
    private static final List<String> OPTIONS = List.of("model", "adapter", "format", "limit", "seed");

    private final ProgramCommand program;

    public InspectPage(ProgramCommand program) {
        this.program = program;
    }

    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String title() {
        return "Inspect";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("inspect", request -> program.run(arguments(request)).json());
    }

    private static List<String> arguments(WebRequest request) {
        List<String> arguments = new ArrayList<>(List.of("inspect"));
        for (String option : OPTIONS) {
            request.find(option).ifPresent(value -> arguments.add("--" + option + "=" + value));
        }
        if (request.isOn("assistant-only-loss")) {
            arguments.add("--assistant-only-loss");
        }
        arguments.add("--");
        arguments.add(request.text("what"));
        return arguments;
    }
}
