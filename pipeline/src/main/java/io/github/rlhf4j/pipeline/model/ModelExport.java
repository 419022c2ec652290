package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.gguf.GgufExport;
import io.github.rlhf4j.gguf.GgufFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes a model again: its directory, weights as another type or in other files, or a GGUF file; each with a model card. */
public final class ModelExport {
    private ModelExport() {}

    private static final String CARD = "README.md";

    /**
     * A folder, an adapter merged, and its card. A language model is read back and compared.
     *
     * @param to must not exist
     * @param command that exports it
     * @return how it compares, where it is a language model with a tokenizer
     */
    public static Optional<FolderComparison> writeFolder(
            GivenModel from, Path to, WeightFormat format, String command, Kernels kernels) {
        write(from, to, format, kernels);
        Optional<FolderComparison> comparison = FolderComparison.of(from, to, kernels);
        AtomicFiles.writeString(to.resolve(CARD), new ModelCard(from, command).ofFolder(to, comparison));
        return comparison;
    }

    /**
     * A GGUF file, its adapter merged, and its card.
     *
     * @param file replaced where it is there
     * @param command that exports it
     */
    public static ExportedFile writeGguf(
            GivenModel from, Path file, GgufFormat format, String command, Kernels kernels) {
        if (from.head() != Head.LANGUAGE) {
            throw new UserError(from.adapter().orElse(from.directory())
                    + " is a reward model, which cannot be written as GGUF: llama.cpp runs language models");
        }
        GgufExport.Result result;
        try (Transformer model = from.load(kernels)) {
            result = new GgufExport(from.directory(), format).write(model, name(file), file);
        }
        Path card = cardBeside(file);
        AtomicFiles.writeString(card, new ModelCard(from, command).ofFile(file, result));
        return new ExportedFile(result, card);
    }

    /**
     * What was written.
     *
     * @param card where the model card is
     */
    public record ExportedFile(GgufExport.Result result, Path card) {}

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** README.md of the file's folder, unless that is somebody else's or another file's: then one with the file's name. */
    private static Path cardBeside(Path file) {
        Path card = file.resolveSibling(CARD);
        try {
            return !Files.exists(card) || Files.readString(card).contains(ModelCard.mark(file))
                    ? card
                    : file.resolveSibling(name(file) + ".md");
        } catch (IOException e) {
            return file.resolveSibling(name(file) + ".md");
        }
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
