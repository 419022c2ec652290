package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.ranking.Agreement;
import io.github.rlhf4j.ranking.RankingExport;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.ranking.StaleAnswer;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import io.github.rlhf4j.web.model.ModelChoice;
import io.github.rlhf4j.web.model.ModelShelf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The page Rank: people put answers in order, and models are trained on what they said. */
public final class RankPage implements WebPage {
    private final Path root;
    private final RankFolders folders;
    private final ModelShelf shelf;
    private final Supplier<Datasets> datasets;
    private final Starter starter;
    private final NewProject newProject;
    private final Map<String, SamplingJob> jobs = new LinkedHashMap<>();

    /**
     * The page.
     *
     * @param root where runs are made
     * @param folders the projects; closed with the page
     * @param shelf loads models; closed with the page
     * @param datasets opens prompts; asked for when the first is wanted
     * @param starter starts runs
     */
    public RankPage(Path root, RankFolders folders, ModelShelf shelf, Supplier<Datasets> datasets, Starter starter) {
        this.root = root;
        this.folders = folders;
        this.shelf = shelf;
        this.datasets = datasets;
        this.starter = starter;
        this.newProject = new NewProject(folders, datasets);
    }

    @Override
    public String name() {
        return "rank";
    }

    @Override
    public String title() {
        return "Rank";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("rank/projects", request -> folders.list());
        routes.post("rank/new", request -> make(request.body()));
        routes.get("rank/project", request -> project(request.text("name")));
        routes.post("rank/sample", this::sample);
        routes.post(
                "rank/join",
                request -> Json.object()
                        .put("person", folders.get(request.text("name")).join(request.text("person"))));
        routes.get("rank/next", request -> RankJson.next(folders.get(request.text("name")), request.text("person")));
        routes.post("rank/answer", this::answer);
        routes.post("rank/undo", this::undo);
        routes.get("rank/report", request -> RankJson.report(Agreement.of(folders.get(request.text("name")))));
        routes.post("rank/export", request -> export(folders.get(request.text("name"))));
        routes.get("rank/rows", this::rows);
        routes.post("rank/training-file", this::trainingFile);
        routes.post("rank/train", request -> train(request.text("run_file")));
    }

    private JsonNode make(JsonNode body) {
        RankingProject project = newProject.make(body);
        String name = body.path("name").asText();
        if (project.settings().source().has("models")) {
            begin(name);
        }
        return project(name);
    }

    private synchronized void begin(String name) {
        SamplingJob present = jobs.get(name);
        if (present == null || present.isEnded()) {
            SamplingJob job = SamplingJob.of(folders.get(name), shelf, datasets);
            jobs.put(name, job);
            job.start();
        }
    }

    private synchronized JsonNode project(String name) {
        RankingProject project = folders.get(name);
        ObjectNode node = Json.object()
                .put("name", name)
                .put("mode", project.settings().mode().text())
                .put("items", project.items().size())
                .put("answers", project.answers().size());
        node.set("people", Json.texts(project.people()));
        ObjectNode source = project.settings().source();
        node.set("source", source);
        SamplingJob job = jobs.get(name);
        if (job != null) {
            node.set("sampling", job.json());
        } else if (source.has("models")) {
            node.put("sampled_earlier", true);
        }
        return node;
    }

    /** Stops the sampling of answers, or continues it: {name, stop}. */
    private synchronized JsonNode sample(WebRequest request) {
        String name = request.text("name");
        SamplingJob job = jobs.get(name);
        if (!request.body().path("stop").asBoolean()) {
            begin(name);
        } else if (job != null) {
            job.stop();
        }
        return project(name);
    }

    /** {name, person, number, seconds} and ranks by place, text, or skip. What is due next, and whether this was stale. */
    private JsonNode answer(WebRequest request) {
        JsonNode body = request.body();
        RankingProject project = folders.get(request.text("name"));
        String person = request.text("person");
        int number = (int) request.whole("number", -1, 0, Integer.MAX_VALUE);
        double seconds = body.path("seconds").asDouble();
        String stale = "";
        try {
            if (body.path("skip").asBoolean()) {
                project.skip(person, number, seconds);
            } else if (body.has("text")) {
                project.write(person, number, body.path("text").asText(), seconds);
            } else {
                project.rank(person, number, ranks(body.path("ranks")), seconds);
            }
        } catch (StaleAnswer e) {
            stale = String.valueOf(e.getMessage());
        }
        ObjectNode next = RankJson.next(project, person);
        return stale.isEmpty() ? next : next.put("stale", stale);
    }

    private static List<Integer> ranks(JsonNode list) {
        List<Integer> ranks = new ArrayList<>();
        for (JsonNode rank : list) {
            if (!rank.isIntegralNumber() || !rank.canConvertToInt()) {
                throw new UserError("ranks must be whole numbers, but one is " + rank);
            }
            ranks.add(rank.intValue());
        }
        return ranks;
    }

    private JsonNode undo(WebRequest request) {
        RankingProject project = folders.get(request.text("name"));
        project.undo(request.text("person"));
        return RankJson.next(project, request.text("person"));
    }

    private static JsonNode export(RankingProject project) {
        Map<String, Integer> rows = TrainingFile.export(project);
        ObjectNode node = Json.object();
        rows.forEach((name, count) -> node.putObject(name)
                .put("rows", count)
                .put("file", TrainingFile.file(project, name).toString()));
        return node;
    }

    /** A dataset as a text, for a download: {name, kind}. */
    private JsonNode rows(WebRequest request) {
        RankingExport export = RankingExport.of(folders.get(request.text("name")));
        List<? extends DataRecord> records = switch (request.text("kind")) {
            case "rankings" -> export.rankings();
            case "pairs" -> export.pairs();
            case "demonstrations" -> export.demonstrations();
            case "prompts" -> export.prompts();
            default -> throw new UserError("kind must be rankings, pairs, demonstrations or prompts");
        };
        return Json.object()
                .put("file", request.text("name") + "-" + request.text("kind") + ".jsonl")
                .put("rows", records.size())
                .put("text", new String(RankingExport.lines(records), StandardCharsets.UTF_8));
    }

    /** {name, recipe, model, adapter}. */
    private JsonNode trainingFile(WebRequest request) {
        RankingProject project = folders.get(request.text("name"));
        Map<String, Integer> rows = TrainingFile.export(project);
        return Json.object()
                .put(
                        "run_file",
                        TrainingFile.text(project, request.text("recipe"), ModelChoice.of(request.body()), root, rows));
    }

    /** The models that are loaded are given back first: training takes memory. */
    private JsonNode train(String text) {
        shelf.giveBack();
        return starter.start(text);
    }

    /** Ends the sampling that is under way, and gives models and folders back. */
    @Override
    public void close() {
        List<SamplingJob> all;
        synchronized (this) {
            all = List.copyOf(jobs.values());
        }
        all.forEach(SamplingJob::stop);
        try {
            for (SamplingJob job : all) {
                job.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folders.close();
        shelf.close();
    }
}
