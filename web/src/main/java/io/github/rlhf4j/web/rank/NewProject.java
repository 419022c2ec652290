package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.ranking.Candidate;
import io.github.rlhf4j.ranking.CandidateRows;
import io.github.rlhf4j.ranking.Mode;
import io.github.rlhf4j.ranking.RankItem;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.ranking.RankingSettings;
import io.github.rlhf4j.web.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes a project of what the page was filled in with.
 *
 * <pre>
 *   {name, mode, seed, repeats, people_per_item,
 *    answers | answers_text + file_name            a file that has answers already
 *    dataset | text + file_name, limit, chat       prompts
 *      models [{model, adapter}], num_samples, settings     and who answers them; none: demonstrations from nothing}
 * </pre>
 */
final class NewProject {
    private static final int MOST_ANSWERS = 9; // keys 1 to 9

    private final RankFolders folders;
    private final Supplier<Datasets> datasets;

    NewProject(RankFolders folders, Supplier<Datasets> datasets) {
        this.folders = folders;
        this.datasets = datasets;
    }

    /** Makes it; whoever asked starts the sampling where models answer. */
    RankingProject make(JsonNode request) {
        String name = request.path("name").asText();
        Path folder = folders.path(name);
        if (RankingProject.isOne(folder)) {
            throw new UserError("there are rankings called " + name + " already; choose another name");
        }
        Mode mode = Mode.of(request.path("mode").asText("rank"));
        if (!request.path("answers").asText().isBlank()
                || !request.path("answers_text").asText().isBlank()) {
            return ofAnswers(name, mode, request, folder);
        }
        PromptSource prompts = PromptSource.of(request, folder);
        if (request.path("models").isEmpty()) {
            return ofPrompts(name, mode, request, prompts);
        }
        ObjectNode source = SamplingJob.source(prompts, request);
        if (prompts.read(datasets.get()).isEmpty()) {
            throw new UserError(prompts.dataset() + " has no prompts");
        }
        return folders.create(name, settings(mode, request, source));
    }

    private RankingProject ofAnswers(String name, Mode mode, JsonNode request, Path folder) {
        String text = request.path("answers_text").asText();
        String path = text.isBlank()
                ? request.path("answers").asText().strip()
                : PromptSource.uploaded(text, request.path("file_name").asText(), folder);
        int limit = Math.max(1, request.path("limit").asInt(100_000));
        List<CandidateRows.Group> groups = CandidateRows.read(path, limit);
        if (groups.stream().noneMatch(group -> hasEnough(mode, group.candidates()))) {
            throw new UserError(path + " has no prompt with two different answers, so there is nothing to compare");
        }
        RankingProject project =
                folders.create(name, settings(mode, request, Json.object().put("answers", path)));
        groups.forEach(group -> add(project, group));
        return project;
    }

    private static boolean hasEnough(Mode mode, List<Candidate> candidates) {
        return mode == Mode.DEMONSTRATE || RankItem.distinct(candidates).size() >= 2;
    }

    private static void add(RankingProject project, CandidateRows.Group group) {
        List<Candidate> candidates = RankItem.distinct(group.candidates());
        int count = candidates.size();
        switch (project.settings().mode()) {
            case RANK -> {
                if (count >= 2) {
                    project.add(group.prompt(), candidates.subList(0, Math.min(count, MOST_ANSWERS)), group.tags());
                }
            }
            case PAIR -> {
                for (int i = 0; i + 1 < count; i += 2) {
                    project.add(group.prompt(), candidates.subList(i, i + 2), group.tags());
                }
            }
            case DEMONSTRATE -> project.add(group.prompt(), candidates.subList(0, Math.min(1, count)), group.tags());
        }
    }

    private RankingProject ofPrompts(String name, Mode mode, JsonNode request, PromptSource prompts) {
        if (mode != Mode.DEMONSTRATE) {
            throw new UserError("choose a model that answers the prompts, or give a file that has answers already");
        }
        List<Prompt> all = prompts.read(datasets.get());
        RankingProject project =
                folders.create(name, settings(mode, request, Json.object().put("dataset", prompts.dataset())));
        all.forEach(prompt -> project.add(prompt.prompt(), List.of(), prompt.tags()));
        return project;
    }

    private static RankingSettings settings(Mode mode, JsonNode request, ObjectNode source) {
        return new RankingSettings(
                mode,
                request.path("seed").asLong(),
                request.path("repeats").asDouble(mode == Mode.DEMONSTRATE ? 0 : 0.1),
                request.path("people_per_item").asInt(),
                source);
    }
}
