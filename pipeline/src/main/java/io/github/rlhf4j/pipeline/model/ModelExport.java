package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Writes a model's directory again, its weights as another type or in other files. */
public final class ModelExport {
    private ModelExport() {}

    public static void write(Path from, Path to, WeightFormat format) {
        if (Files.exists(to)) {
            throw new UserError("--out " + to + " already exists; give a new folder");
        }
        ModelDirectory source = ModelDirectory.open(from);
        Head head = Head.of(source.config());
        try (Transformer model = Transformer.load(from, Set.of(head), new ReferenceKernels(DataType.FLOAT))) {
            model.save(to, source.config(), Optional.of(from), format);
        }
    }
}
