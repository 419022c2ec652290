package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.gguf.GgufModel;
import io.github.rlhf4j.pipeline.config.ModelNames;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the inputs of one stage mean: a model is the name of an earlier stage, a folder, or a GGUF file; a dataset may be an earlier stage's. */
final class ModelInputs implements ModelNames {
    private final Path runDirectory;
    private final Map<String, String> earlier; // name to type
    private final Set<String> all;
    private final Set<String> withoutAdapter;
    private final ModelOutlines outlines;
    private final StageDatasets datasets;
    private final Set<String> used = new LinkedHashSet<>();

    /**
     * @param earlier stages before this one, name to type
     * @param all names of all stages of the run
     * @param withoutAdapter the earlier ones that train none
     * @param outlines of the earlier stages and of folders
     * @param datasets of the earlier stages
     */
    ModelInputs(
            Path runDirectory,
            Map<String, String> earlier,
            Set<String> all,
            Set<String> withoutAdapter,
            ModelOutlines outlines,
            StageDatasets datasets) {
        this.runDirectory = runDirectory;
        this.earlier = new LinkedHashMap<>(earlier);
        this.all = Set.copyOf(all);
        this.withoutAdapter = Set.copyOf(withoutAdapter);
        this.outlines = outlines;
        this.datasets = datasets;
    }

    /** The rows that {@code given} means: those of an earlier stage, or itself. */
    DatasetSpec resolve(DatasetSpec given) {
        DatasetSpec resolved = datasets.resolve(given, runDirectory, earlier, all);
        if (resolved.isMadeByStage()) {
            used.add(given.path());
        }
        return resolved;
    }

    /**
     * The folder that {@code given} means: {@code sft} is runs/&lt;name&gt;/sft/model, {@code ppo/ema} is runs/&lt;name&gt;/ppo/ema.
     *
     * @throws UserError when it is neither
     */
    @Override
    public ModelReference model(String given) {
        Optional<String> found = stage(given);
        if (found.isPresent()) {
            String stage = found.get();
            if ("evaluate".equals(earlier.get(stage))) {
                throw new UserError(given + " is a stage of type evaluate, which makes no model");
            }
            if (datasets.isOf(stage) && outlines.ofStage(stage).isEmpty()) {
                throw new UserError(
                        given + " is a stage of type " + earlier.get(stage) + ", which makes a dataset and no model");
            }
            used.add(stage);
            String part = stage.equals(given) ? "model" : given.substring(stage.length() + 1);
            return new ModelReference(given, runDirectory.resolve(stage).resolve(part), outlines.ofStage(stage));
        }
        Path directory = path(given);
        if (all.contains(given) && !Files.exists(directory.resolve("config.json"))) {
            throw new UserError(given + " is a stage that does not come before this one; put it earlier in the file");
        }
        if (GgufModel.isOne(directory)) {
            Path folder = GgufModel.folder(directory);
            return new ModelReference(given, folder, outline(folder));
        }
        if (Files.isDirectory(directory)) {
            return new ModelReference(given, directory, outline(directory));
        }
        String kind = Files.exists(directory) ? " is a file, not the folder of a model" : " is no folder";
        throw new UserError(given + kind + choices(given));
    }

    private String choices(String given) {
        String choices = earlier.isEmpty() ? "" : " nor an earlier stage (" + String.join(", ", earlier.keySet()) + ")";
        return choices + Suggestion.phrase(given, earlier.keySet());
    }

    /**
     * The folder of an adapter: {@code sft} is runs/&lt;name&gt;/sft/adapter.
     *
     * @throws UserError when it is neither that nor a stage that trains one
     */
    @Override
    public AdapterReference adapter(String given, ModelReference base) {
        Optional<String> found = stage(given);
        if (found.isPresent()) {
            String stage = found.get();
            if (withoutAdapter.contains(stage)) {
                throw new UserError(
                        given + " is a stage that trains no adapter; give it one by its key adapter: {r: 16}");
            }
            Path folder = runDirectory.resolve(stage);
            if (base.directory().equals(folder.resolve("model"))) {
                throw new UserError(given + "'s model has this adapter in its weights already; base must be what "
                        + stage + " started from");
            }
            used.add(stage);
            String part = stage.equals(given) ? "adapter" : given.substring(stage.length() + 1);
            return new AdapterReference(given, folder.resolve(part));
        }
        Path directory = path(given);
        if (all.contains(given) && !Files.exists(directory)) {
            throw new UserError(given + " is a stage that does not come before this one; put it earlier in the file");
        }
        if (!Files.isDirectory(directory)) {
            throw new UserError(given + " is no folder" + choices(given));
        }
        AdapterDirectory.open(directory);
        return new AdapterReference(given, directory);
    }

    /** Empty where the folder holds no whole model: what is wrong with it {@link ModelChecks} says, by the key that names it. */
    private Optional<ModelOutline> outline(Path directory) {
        try {
            return Optional.of(outlines.ofFolder(directory));
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    /** The head of the result of an earlier stage that {@code given} means; empty where it means a folder. */
    Optional<Head> headOfStage(String given) {
        return stage(given)
                .map(stage ->
                        given.endsWith("/value_model") ? Head.SCALAR : headOfType(earlier.getOrDefault(stage, "")));
    }

    /** The head of the model that a stage of that type trains. */
    static Head headOfType(String type) {
        return switch (type) {
            case "reward" -> Head.SCALAR;
            case "process_reward" -> Head.LABELS;
            default -> Head.LANGUAGE;
        };
    }

    /** Whether it means an earlier stage of which the type is a mistake, so that nothing is known of its model. */
    boolean isOfUnknownType(String given) {
        return stage(given)
                .filter(stage -> RunPlan.UNKNOWN.equals(earlier.get(stage)))
                .isPresent();
    }

    private static Path path(String given) {
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            throw new UserError("the path has a character that no path can have", e);
        }
    }

    private Optional<String> stage(String given) {
        String stage = given.contains("/") ? given.substring(0, given.indexOf('/')) : given;
        boolean isStage = earlier.containsKey(stage) && (stage.equals(given) || !Files.exists(path(given)));
        return isStage ? Optional.of(stage) : Optional.empty();
    }

    /** The stages met so far. */
    List<String> used() {
        return new ArrayList<>(used);
    }
}
