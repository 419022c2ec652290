package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** A model that a command's user named, with an adapter or without one. */
public final class GivenModel {
    private static final String RESULT = "adapter";

    private final ModelReference reference;

    private GivenModel(ModelReference reference) {
        this.reference = reference;
    }

    /**
     * Finds its folders.
     *
     * @param model a Hugging Face folder, or that of a run's stage
     * @param adapter a folder of peft's, or that of a stage that trained one
     * @throws UserError where one is not what it must be
     */
    public static GivenModel of(Path model, Optional<Path> adapter) {
        ModelReference base = new ModelReference(model.toString(), ModelFolder.of(model));
        return new GivenModel(
                adapter.map(given -> base.with(adapter(base, given))).orElse(base));
    }

    private static AdapterReference adapter(ModelReference base, Path given) {
        Path folder = AdapterDirectory.isOne(given) ? given : given.resolve(RESULT);
        if (!AdapterDirectory.isOne(folder)) {
            throw new UserError(given + (Files.isDirectory(given) ? " has no adapter_config.json" : " is no folder")
                    + ": give the folder of an adapter as peft saves it, or of a run's stage that trained one");
        }
        Path stage = folder.toAbsolutePath().normalize().getParent();
        if (stage != null && base.directory().toAbsolutePath().normalize().equals(stage.resolve("model"))) {
            throw new UserError(base.directory() + " has the adapter " + given
                    + " in its weights already; leave the adapter out, or give the model that it was trained on");
        }
        return new AdapterReference(given.toString(), folder);
    }

    /** The model's folder. */
    public Path directory() {
        return reference.directory();
    }

    /** The adapter's, if there is one. */
    public Optional<Path> adapter() {
        return reference.adapter().map(AdapterReference::directory);
    }

    /** The head that it has. */
    public Head head() {
        return adapter()
                .flatMap(folder -> Head.of(AdapterDirectory.open(folder)))
                .orElseGet(() -> Head.of(ModelDirectory.open(directory()).config()));
    }

    /** Its config.json, with what is stored of an adapter's scores. */
    public HuggingFaceConfig config() {
        HuggingFaceConfig config = ModelDirectory.open(directory()).config();
        Optional<ScoreStatistics> scores =
                adapter().flatMap(folder -> AdapterDirectory.open(folder).scoreStatistics());
        return scores.map(config::withScoreStatistics).orElse(config);
    }

    /** The whole model, an adapter merged. To be closed by the caller. */
    public Transformer load(Kernels kernels) {
        return reference.load(Set.of(head()), kernels);
    }
}
