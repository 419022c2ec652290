package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import io.github.rlhf4j.web.lines.SoftlyKept;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.runs.RunFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Page Roll-outs: every sample of every step of a stage, sorted and filtered; groups, the same prompt over steps, signs of reward hacking, reward over distance. */
public final class RolloutsPage implements WebPage {
    private final RunFolders folders;
    private final TokenRatios ratios;
    private final Truth truth = new Truth();
    private final SoftlyKept<Samples> known = new SoftlyKept<>(file -> new Samples(new SampleIndex(file)));

    /** @param shelf loads models, where a page asks for tokens; it stays the caller's */
    public RolloutsPage(RunFolders folders, ModelShelf shelf) {
        this.folders = folders;
        this.ratios = new TokenRatios(shelf);
    }

    @Override
    public String name() {
        return "rollouts";
    }

    @Override
    public String title() {
        return "Roll-outs";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("rollouts/stages", request -> stages());
        routes.get("rollouts", request -> samples(request).part(request));
        routes.get("rollouts/group", request -> samples(request).group(row(request)));
        routes.get("rollouts/strip", request -> samples(request).strip(row(request)));
        routes.get("rollouts/prompts", request -> samples(request).prompts());
        routes.get("rollouts/signs", this::signs);
        routes.get("rollouts/tokens", this::tokens);
        routes.get("rollouts/plane", this::plane);
    }

    /** All stages that have samples. */
    private JsonNode stages() {
        ObjectNode answer = Json.object();
        ArrayNode stages = answer.putArray("stages");
        for (String run : folders.names()) {
            try (Stream<Path> children = Files.list(folders.of(run))) {
                children.filter(stage -> Files.isRegularFile(stage.resolve("samples.jsonl"))
                                && Files.isRegularFile(stage.resolve("config.yaml")))
                        .sorted()
                        .forEach(stage -> stages.addObject()
                                .put("run", run)
                                .put("stage", String.valueOf(stage.getFileName()))
                                .put(
                                        "changed",
                                        stage.resolve("samples.jsonl").toFile().lastModified()));
            } catch (IOException | UserError e) {
                // removed meanwhile
            }
        }
        return answer;
    }

    private Samples samples(WebRequest request) {
        Path file = folders.stage(request.text("run"), request.text("stage")).resolve("samples.jsonl");
        if (!Files.isRegularFile(file)) {
            throw new UserError(
                    "stage " + request.text("stage") + " of run " + request.text("run") + " has no samples");
        }
        return known.of(file);
    }

    private JsonNode signs(WebRequest request) {
        Path stage = folders.stage(request.text("run"), request.text("stage"));
        SampleIndex index = samples(request).index();
        return new HackingWatch(index, truth.of(stage), HeldOut.of(stage, index)).signs();
    }

    private JsonNode tokens(WebRequest request) {
        SampleIndex index = samples(request).index();
        index.refresh();
        try (SampleRows rows = new SampleRows(index)) {
            JsonNode row = rows.row(row(request));
            if (!row.path(SampleIndex.PROMPT).isTextual()
                    || !row.path(SampleIndex.RESPONSE).isTextual()) {
                throw new UserError("this sample has no prompt with one response");
            }
            return ratios.of(
                    folders.stage(request.text("run"), request.text("stage")),
                    row.path(SampleIndex.PROMPT).textValue(),
                    row.path(SampleIndex.RESPONSE).textValue());
        }
    }

    private static int row(WebRequest request) {
        return (int) request.whole("row", 0, 0, Integer.MAX_VALUE);
    }

    private JsonNode plane(WebRequest request) {
        Map<String, Path> runs = new LinkedHashMap<>();
        request.all("run").forEach(name -> runs.put(name, folders.of(name)));
        return RewardPlane.of(runs);
    }
}
