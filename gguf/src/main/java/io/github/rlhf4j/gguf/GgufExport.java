package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.gguf.GgufType;
import io.github.rlhf4j.core.gguf.GgufWriter;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes a language model with its tokenizer as one GGUF file, and reads it back to compare. */
public final class GgufExport {
    private static final int QUANTIZATION_VERSION = 2;

    private final Path tokenizerFolder;
    private final GgufFormat format;

    /**
     * What came of it.
     *
     * @param largestDifference of the log-probs of a fixed text's tokens, nats
     * @param meanLogProb of them in the file, nats
     * @param tokens of the text
     * @param types how many tensors have which type
     * @param warnings what the file cannot say
     */
    public record Result(
            double largestDifference,
            double meanLogProb,
            int tokens,
            long bytes,
            Map<GgufType, Integer> types,
            List<String> warnings) {
        public Result {
            types = new TreeMap<>(types);
            warnings = List.copyOf(warnings);
        }
    }

    /** @param tokenizerFolder whose tokenizer and chat template belong to the model */
    public GgufExport(Path tokenizerFolder, GgufFormat format) {
        this.tokenizerFolder = tokenizerFolder;
        this.format = format;
    }

    /**
     * Writes a file, replacing one that is there.
     *
     * @param name of the model, for people
     * @throws UserError where llama.cpp knows no such model or tokenizer, or a weight is beyond the type's numbers
     */
    public Result write(Transformer model, String name, Path file) {
        Map<GgufType, Integer> types = new TreeMap<>();
        List<String> warnings;
        ReadBack original;
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(tokenizerFolder)) {
            tokenizer.requireRows(model.config().vocabSize());
            GgufMetadata metadata = general(model, name);
            warnings = new ConfigToGguf(model.config(), metadata).write();
            new TokenizerToGguf(
                            tokenizerFolder, json(), tokenizer, model.config().vocabSize(), metadata)
                    .write();
            List<GgufWriter.Tensor> tensors = new TensorsToGguf(model.config(), format).of(model.weights());
            tensors.forEach(tensor -> types.merge(tensor.type(), 1, Integer::sum));
            String context = Architecture.of(model.config()).id() + ".context_length";
            original = ReadBack.of(model, tokenizer, metadata.integer(context, 1, Integer.MAX_VALUE));
            AtomicFiles.writeChannel(file, channel -> GgufWriter.write(channel, metadata, tensors));
        }
        ReadBack again = readBack(original, file, model.kernels());
        return new Result(
                original.largestDifference(again), again.meanLogProb(), again.tokens(), size(file), types, warnings);
    }

    private GgufMetadata general(Transformer model, String name) {
        GgufMetadata metadata = new GgufMetadata();
        metadata.putText("general.architecture", Architecture.of(model.config()).id());
        metadata.putText("general.type", "model");
        metadata.putText("general.name", name);
        metadata.putInt("general.file_type", format.fileType());
        metadata.putInt("general.quantization_version", QUANTIZATION_VERSION);
        return metadata;
    }

    private JsonNode json() {
        try {
            return new ObjectMapper()
                    .readTree(tokenizerFolder.resolve("tokenizer.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + tokenizerFolder.resolve("tokenizer.json"), e);
        }
    }

    /** The text as the file reads it, which is removed where it reads other tokens. */
    private ReadBack readBack(ReadBack original, Path file, Kernels kernels) {
        ReadBack again = ReadBack.of(file, kernels);
        original.firstDifference(again).ifPresent(index -> {
            AtomicFiles.delete(file);
            throw new UserError("the tokenizer of " + tokenizerFolder + " cannot be written as GGUF: read back, it"
                    + " gives another token " + index + " of a text; " + file + " is removed");
        });
        return again;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
