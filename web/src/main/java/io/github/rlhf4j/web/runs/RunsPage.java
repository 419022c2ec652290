package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Page Runs: all runs below a folder, their curves over each other, live; how their configurations differ; stop and checkpoint. */
public final class RunsPage implements WebPage {
    private final RunFolders folders;
    private final MetricFiles files = new MetricFiles();
    private final RunDetails details = new RunDetails(files);
    private final Curves curves;
    private final LiveFeed live;

    public RunsPage(RunFolders folders) {
        this.folders = folders;
        this.curves = new Curves(folders, files);
        this.live = new LiveFeed(folders, files);
    }

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public String title() {
        return "Runs";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("runs", request -> list());
        routes.get("run", request -> details.of(request.text("run"), folders.of(request.text("run"))));
        routes.get("curves", curves::of);
        routes.get("differences", this::differences);
        routes.post("stop", request -> ask(folders.of(request.text("run")), RunProcess::askToStop));
        routes.post("checkpoint", request -> ask(folders.of(request.text("run")), RunProcess::askForCheckpoint));
        routes.post(
                "experiment/stop",
                request -> ask(folders.experiment(request.text("experiment")), RunProcess::askToStop));
        routes.events("live", (request, sink) -> live.watch(request.all("run"), sink));
    }

    private JsonNode list() {
        ObjectNode answer = Json.object();
        answer.put("folder", folders.root().toString());
        ArrayNode runs = answer.putArray("runs");
        List<String> names = folders.names();
        answer.set("experiments", Experiments.of(folders, names));
        for (String name : names) {
            try {
                runs.add(RunView.brief(name, folders.of(name)));
            } catch (UserError e) {
                // removed meanwhile
            }
        }
        return answer;
    }

    private JsonNode differences(WebRequest request) {
        Map<String, Path> runs = new LinkedHashMap<>();
        request.all("run").forEach(name -> runs.put(name, folders.of(name)));
        return Differences.of(runs);
    }

    private static JsonNode ask(Path folder, Consumer<Path> wish) {
        wish.accept(folder);
        return Json.object().put("asked", true);
    }

    @Override
    public void close() {
        live.close();
        files.close();
    }
}
