package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.ranking.Candidate;
import io.github.rlhf4j.ranking.Mode;
import io.github.rlhf4j.ranking.RankItem;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.model.ModelChoice;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.model.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Samples answers to the prompts of a project in the background. People may rank what is there already; what was stopped or killed continues where it was, with the same answers.
 *
 * <p>Prompts are answered some at a time, by each model in turn: part p of the prompts with the seed {@code seed + p}, which is kept with each answer.
 */
final class SamplingJob {
    private static final int PART = 4;
    private static final int MODELS_AT_ONCE = 2;

    private final RankingProject project;
    private final ModelShelf shelf;
    private final Supplier<Datasets> datasets;
    private final PromptSource prompts;
    private final List<ModelChoice> models;
    private final int samples;
    private final GenerationOptions options;
    private volatile boolean stopped;
    private volatile int done;
    private volatile int total;
    private final AtomicInteger left = new AtomicInteger();
    private volatile String error = "";
    private volatile boolean ended;

    private SamplingJob(
            RankingProject project,
            ModelShelf shelf,
            Supplier<Datasets> datasets,
            PromptSource prompts,
            List<ModelChoice> models,
            int samples,
            GenerationOptions options) {
        this.project = project;
        this.shelf = shelf;
        this.datasets = datasets;
        this.prompts = prompts;
        this.models = models;
        this.samples = samples;
        this.options = options;
    }

    /** What a project's settings keep of it: prompts, models, answers of each and settings. */
    static ObjectNode source(PromptSource prompts, JsonNode request) {
        List<ModelChoice> models = ModelChoice.all(request.path("models"));
        ObjectNode source = Json.object()
                .put("dataset", prompts.dataset())
                .put("limit", prompts.limit())
                .put("chat", prompts.isChat())
                .put("data_seed", prompts.seed());
        models.forEach(model -> source.withArray("models").add(model.json()));
        source.put("num_samples", samples(request, models.size()));
        source.set("settings", Sampling.json(Sampling.options(request.path("settings"))));
        return source;
    }

    private static int samples(JsonNode request, int models) {
        int samples = request.path("num_samples").asInt(1);
        Mode mode = Mode.of(request.path("mode").asText("rank"));
        int answers = samples * models;
        if (samples < 1 || answers > 9) {
            throw new UserError(
                    "num_samples must be >= 1 for each model, and 9 for all together at most, but is " + samples);
        }
        if (mode == Mode.PAIR && answers != 2
                || mode == Mode.RANK && answers < 2
                || mode == Mode.DEMONSTRATE && answers != 1) {
            throw new UserError("mode " + mode.text() + " takes "
                    + (mode == Mode.PAIR ? "two answers" : mode == Mode.RANK ? "two answers or more" : "one answer")
                    + " to a prompt, but " + models + " models give " + samples + " each");
        }
        return samples;
    }

    /** That of a project, as its settings have it. */
    static SamplingJob of(RankingProject project, ModelShelf shelf, Supplier<Datasets> datasets) {
        ObjectNode source = project.settings().source();
        if (!source.has("models")) {
            throw new UserError("the answers of these rankings are not sampled by models");
        }
        return new SamplingJob(
                project,
                shelf,
                datasets,
                new PromptSource(
                        source.path("dataset").asText(),
                        source.path("limit").asInt(),
                        source.path("chat").asBoolean(),
                        source.path("data_seed").asLong()),
                ModelChoice.all(source.path("models")),
                source.path("num_samples").asInt(),
                Sampling.options(source.path("settings")));
    }

    void start() {
        Thread thread = new Thread(this::run, "sampling-" + project.folder().getFileName());
        thread.setDaemon(true);
        thread.start();
    }

    /** Samples all that is not there yet; a mistake of the user's is kept for the page. */
    void run() {
        try {
            List<Prompt> all = prompts.read(datasets.get());
            total = all.size();
            Set<String> there =
                    project.items().stream().map(item -> item.prompt().key()).collect(Collectors.toSet());
            int part = models.size() > MODELS_AT_ONCE ? all.size() : PART;
            for (int from = 0; from < all.size() && !stopped; from += part) {
                List<Prompt> some = all.subList(from, Math.min(all.size(), from + part));
                if (!some.stream().allMatch(prompt -> there.contains(prompt.promptKey()))) {
                    answer(some, options.seed() + from / part, there);
                }
                done = Math.min(all.size(), from + part);
            }
        } catch (UserError e) {
            error = String.valueOf(e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            error = "sampling failed: " + e;
        } finally {
            ended = true;
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private void answer(List<Prompt> some, long seed, Set<String> there) {
        List<List<Candidate>> candidates = new ArrayList<>();
        some.forEach(prompt -> candidates.add(new ArrayList<>()));
        GenerationOptions asked =
                options.toBuilder().samples(samples).seed(seed).build();
        for (ModelChoice choice : models) {
            List<Candidate> given = new ArrayList<>();
            shelf.use(choice, model -> {
                model.generate(
                        some.iterator(),
                        asked,
                        TextListener.NONE,
                        (prompt, text) -> given.add(new Candidate(
                                text.text(),
                                choice.label(),
                                Json.object()
                                        .put("seed", seed)
                                        .put("sample", text.tokens().sample())
                                        .put(
                                                "finish",
                                                text.tokens().finishReason().text()))));
                return 0;
            });
            for (int i = 0; i < given.size(); i++) {
                candidates.get(i / samples).add(given.get(i));
            }
        }
        for (int i = 0; i < some.size() && !stopped; i++) {
            add(some.get(i), RankItem.distinct(candidates.get(i)), there);
        }
    }

    private void add(Prompt prompt, List<Candidate> candidates, Set<String> there) {
        int least = switch (project.settings().mode()) {
            case RANK, PAIR -> 2;
            case DEMONSTRATE -> 0;
        };
        if (!there.contains(prompt.promptKey())) {
            if (candidates.size() < least) {
                left.incrementAndGet();
                return;
            }
            project.add(prompt.prompt(), candidates, prompt.tags());
        }
    }

    void stop() {
        stopped = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Waits for its end. */
    synchronized void await() throws InterruptedException {
        while (!ended) {
            wait();
        }
    }

    /** {@code {"done", "total", "left_out", "error", "running"}}: prompts; left out are those whose answers are all the same. */
    ObjectNode json() {
        return Json.object()
                .put("done", done)
                .put("total", total)
                .put("left_out", left.get())
                .put("error", error)
                .put("running", !ended);
    }
}
