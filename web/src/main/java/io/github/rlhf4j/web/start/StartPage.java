package io.github.rlhf4j.web.start;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.RunSchema;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import io.github.rlhf4j.web.commands.ProgramCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Page Start: a run file as a form and as text, checked as it is typed, and started as a process of its own. */
public final class StartPage implements WebPage {
    private static final List<String> HOW = List.of("new", "resume", "overwrite");

    private final Rlhf4j engine;
    private final ProgramCommand program;
    private final RunStarter starter;
    private final RunDesk desk;
    private Optional<ObjectNode> schema = Optional.empty();

    /**
     * @param engine checks run files
     * @param program prints run files to begin with
     * @param root where runs go
     */
    public StartPage(Rlhf4j engine, ProgramCommand program, Path root, RunStarter starter) {
        this.engine = engine;
        this.program = program;
        this.starter = starter;
        this.desk = new RunDesk(engine, root, starter);
    }

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String title() {
        return "Start";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("start/schema", request -> schema());
        routes.get("start/template", this::template);
        routes.post("start/check", request -> desk.check(request.find("yaml").orElse("")));
        routes.post("start/time", request -> desk.time(request.text("yaml"), program));
        routes.post("start/run", this::start);
        routes.get("start/started", request -> starter.all());
    }

    /**
     * Starts a run as a process of its own.
     *
     * @param yaml a run file
     * @return the run's name, {@code {"run": ..}}
     * @throws UserError where it has a mistake, or the run is there already
     */
    public JsonNode start(String yaml) {
        return Json.object().put("run", desk.start(yaml, List.of()));
    }

    private synchronized ObjectNode schema() {
        ObjectNode known =
                schema.orElseGet(() -> RunSchema.of(engine.stages(), engine.trackers(), engine.boundNames()));
        schema = Optional.of(known);
        return known;
    }

    private JsonNode template(WebRequest request) {
        String kind = request.text("kind");
        if (!kind.matches("[a-z_]+")) {
            throw new UserError("kind must be one of the stages' types or rlhf, but is " + kind);
        }
        return program.run(List.of("init", kind)).json();
    }

    private JsonNode start(WebRequest request) {
        String how = request.find("how").orElse("new");
        if (!HOW.contains(how)) {
            throw new UserError("how must be one of " + String.join(", ", HOW) + ", but is " + how);
        }
        List<String> more = how.equals("new") ? List.of() : List.of("--" + how);
        return Json.object().put("run", desk.start(request.text("yaml"), more));
    }
}
