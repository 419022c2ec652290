package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes a model's directory again, its weights as another type or in other files. */
public final class ModelExport {
    private ModelExport() {}

    /** A model as it is. */
    public static void write(GivenModel from, Path to, WeightFormat format) {
        write(from, to, format, new ReferenceKernels(DataType.FLOAT));
    }

    /** A model with its adapter merged by these kernels. */
    public static void write(GivenModel from, Path to, WeightFormat format, Kernels kernels) {
        if (Files.exists(to)) {
            throw new UserError("--out " + to + " already exists; give a new folder");
        }
        try (Transformer model = from.load(kernels)) {
            HuggingFaceConfig config = from.adapter().isPresent() && from.head() == Head.SCALAR
                    ? from.config().withScalarHead(model.config().family().architecture(Head.SCALAR))
                    : from.config();
            model.save(to, config, Optional.of(from.directory()), format);
        }
    }
}
