package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.ranking.RankingExport;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.web.model.ModelChoice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A run file that trains on what people said: a reward model and the best of n answers by it, DPO on pairs, or SFT on demonstrations. */
final class TrainingFile {
    private static final int LEAST_HELD_OUT = 10; // prompts, for a part of them to be held out

    private TrainingFile() {}

    /** Writes the datasets of what has been said so far to export/ in the project's folder; rows by name. */
    static Map<String, Integer> export(RankingProject project) {
        RankingExport export = RankingExport.of(project);
        Map<String, Integer> rows = new LinkedHashMap<>();
        Map<String, List<? extends DataRecord>> all = new LinkedHashMap<>();
        all.put("rankings", export.rankings());
        all.put("pairs", export.pairs());
        all.put("demonstrations", export.demonstrations());
        all.put("prompts", export.prompts());
        all.forEach((name, records) -> {
            if (!records.isEmpty()) {
                RankingExport.write(records, file(project, name));
                rows.put(name, records.size());
            }
        });
        return rows;
    }

    static Path file(RankingProject project, String name) {
        return project.folder().resolve("export").resolve(name + ".jsonl");
    }

    /**
     * The run file.
     *
     * @param recipe reward, dpo or sft
     * @param choice the model that is trained, and whose answers are chosen from
     * @param runs the folder that the run's folder is in
     * @throws UserError where nothing was said that it could learn from
     */
    static String text(
            RankingProject project, String recipe, ModelChoice choice, Path runs, Map<String, Integer> rows) {
        String needed = switch (recipe) {
            case "reward" -> "rankings";
            case "dpo" -> "pairs";
            case "sft" -> "demonstrations";
            default -> throw new UserError("recipe must be reward, dpo or sft, but is " + recipe);
        };
        if (!rows.containsKey(needed)) {
            throw new UserError("there are no " + needed + " to train on yet"
                    + (recipe.equals("sft")
                            ? ": they are written in mode demonstrate"
                            : ": an answer must prefer one to another"));
        }
        String name = project.folder().getFileName() + "-" + recipe;
        String model = model(choice);
        boolean isReward = recipe.equals("reward");
        String heldOut = rows.getOrDefault("prompts", 0) >= LEAST_HELD_OUT
                ? "    eval_fraction: 0.2      # of the prompts\n"
                : "";
        String steps = isReward
                ? "    batch_size: 4\n    num_train_epochs: 1     # more of them learn a few rankings by heart"
                : "    batch_size: 8\n    num_train_epochs: 3";
        String data = quoted(file(project, needed).toString());
        String text = """
                # What people said in %s: %s %s.
                name: %s
                seed: 7
                output_dir: %s
                stages:
                  %s:
                    type: %s
                    model: %s
                    dataset: %s
                %s%s
                    learning_rate: %s   # by the size of the model
                    logging_steps: 1
                """.formatted(
                        project.folder(),
                        rows.get(needed),
                        needed,
                        quoted(name),
                        quoted(runs.toString()),
                        recipe,
                        recipe,
                        model,
                        data,
                        heldOut,
                        steps,
                        learningRate(choice, recipe));
        return isReward ? text + best(project, model) : text;
    }

    private static String best(RankingProject project, String model) {
        return """
                  best:                     # the best of 8 answers to the same prompts, by that reward model
                    type: best_of_n
                    model: %s
                    reward_model: reward
                    dataset: %s
                    num_generations: 8
                    batch_size: 8
                """.formatted(model, quoted(file(project, "prompts").toString())) + sampling(project);
    }

    /** As the answers were sampled that people saw. */
    private static String sampling(RankingProject project) {
        JsonNode settings = project.settings().source().path("settings");
        if (settings.isMissingNode()) {
            return "";
        }
        String length = "    max_new_tokens: %s\n"
                .formatted(settings.path("max_new_tokens").asInt());
        return settings.path("greedy").asBoolean()
                ? length
                : length
                        + "    temperature: %s\n    top_p: %s\n    top_k: %s\n"
                                .formatted(
                                        settings.path("temperature").asDouble(),
                                        settings.path("top_p").asDouble(),
                                        settings.path("top_k").asInt());
    }

    /** Run files name the model's own folder, where a person may have chosen a stage's. */
    private static String model(ModelChoice choice) {
        GivenModel given = GivenModel.of(choice.model(), choice.adapter());
        String base = quoted(given.directory().toString());
        return given.adapter()
                .map(adapter -> "{base: " + base + ", adapter: " + quoted(adapter.toString()) + "}")
                .orElse(base);
    }

    /** Small models take large rates: of the world's models 1e-3, of 100 million parameters some 1e-5. */
    private static String learningRate(ModelChoice choice, String recipe) {
        GivenModel given = GivenModel.of(choice.model(), choice.adapter());
        ModelConfig config = ModelConfig.from(given.config());
        long parameters = new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT).parameters();
        double base =
                parameters < 2_000_000 ? 1e-3 : parameters < 20_000_000 ? 3e-4 : parameters < 80_000_000 ? 5e-5 : 1e-5;
        return String.format(Locale.ROOT, "%.1e", recipe.equals("dpo") ? base / 10 : base);
    }

    /** A text of YAML, in double quotes as JSON has it. */
    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }
}
