package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what stages read, for the sake of its digests: each file and each bound dataset once in a run. */
final class InputDigests {
    /** Of a model's folder, what is read: everything else in it may change. */
    private static final String MODEL_FILES =
            "(config|adapter_config|score_statistics|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\\.json"
                    + "|.*\\.safetensors|.*\\.gguf|.*\\.safetensors\\.index\\.json|.*\\.jinja|merges\\.txt|vocab\\.txt|tokenizer\\.model";

    private final Datasets datasets;
    private final long dataSeed;
    private final RunFolder folder;
    private final FileDigests files;
    private final Map<DatasetSpec, String> rows = new HashMap<>();

    /**
     * @param dataSeed the run's seed, of which made-up data depend
     * @param folder the run's, for the models of its stages
     */
    InputDigests(Datasets datasets, long dataSeed, RunFolder folder, FileDigests files) {
        this.datasets = datasets;
        this.dataSeed = dataSeed;
        this.folder = folder;
        this.files = files;
    }

    /** What {@code stage} would read now; the stages that it names are complete. */
    StageInputs of(PlannedStage stage) {
        folder.stage(stage.name()).inputs().ifPresent(stored -> StageInputs.remember(stored, files));
        Map<String, StageInputs.Input> inputs = new LinkedHashMap<>();
        ConfigInputs.of(stage.work().config()).forEach((key, value) -> {
            if (value instanceof DatasetSpec spec) {
                inputs.put(key, dataset(spec));
            } else if (value instanceof ModelReference model) {
                inputs.put(key, folder(model.given(), model.directory(), stage.inputs()));
                model.adapter()
                        .ifPresent(adapter -> inputs.put(
                                key + ".adapter", folder(adapter.given(), adapter.directory(), stage.inputs())));
            } else if (value instanceof String path) {
                path(path).ifPresent(input -> inputs.put(key, input));
            }
        });
        return new StageInputs(inputs);
    }

    private StageInputs.Input dataset(DatasetSpec spec) {
        Optional<List<Path>> found = datasets.files(spec);
        if (found.isEmpty()) {
            return StageInputs.Input.of(
                    spec.path(), rows.computeIfAbsent(spec, source -> datasets.rowsSha256(source, dataSeed)));
        }
        Map<String, FileDigests.Entry> entries = new LinkedHashMap<>();
        found.get().stream().filter(Files::isRegularFile).forEach(file -> entries.put(file.toString(), files.of(file)));
        return StageInputs.Input.ofSequence(spec.path(), entries);
    }

    private StageInputs.Input folder(String given, Path directory, List<String> stages) {
        for (String stage : stages) {
            Path parent = folder.directory().resolve(stage);
            if (directory.startsWith(parent)) {
                return StageInputs.Input.of(
                        given,
                        folder.stage(stage)
                                .done()
                                .digestBelow(parent.relativize(directory).toString()));
            }
        }
        return modelFolder(given, directory);
    }

    private StageInputs.Input modelFolder(String given, Path directory) {
        return StageInputs.Input.ofFolder(
                given, directory, files.below(directory, 1, name -> name.matches(MODEL_FILES)));
    }

    /** A file, or the folder of a tokenizer; empty where it is neither, as the key of another module's stage may be. */
    private Optional<StageInputs.Input> path(String given) {
        Path path = Path.of(given);
        if (Files.isDirectory(path)) {
            return Optional.of(modelFolder(given, path));
        }
        return Files.isRegularFile(path)
                ? Optional.of(StageInputs.Input.ofSequence(given, Map.of(given, files.of(path))))
                : Optional.empty();
    }
}
