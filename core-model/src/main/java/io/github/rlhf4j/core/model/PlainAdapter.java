package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.SafetensorsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An adapter's folder with a tensor for each A and B: itself, or a temporary one for {@link FusedExperts}, gone after {@link #close}. */
final class PlainAdapter implements AutoCloseable {
    private final Path configFile;
    private final AdapterDirectory files;
    private final SafetensorsReader weights;
    private final @Nullable Path temporary;

    private PlainAdapter(Path configFile, AdapterDirectory files, SafetensorsReader weights, @Nullable Path temporary) {
        this.configFile = configFile;
        this.files = files;
        this.weights = weights;
        this.temporary = temporary;
    }

    /** @throws io.github.rlhf4j.core.UserError where it is no adapter's folder */
    static PlainAdapter open(Path directory, ModelConfig model) {
        AdapterDirectory files = AdapterDirectory.open(directory);
        SafetensorsReader weights = files.openWeights();
        if (!FusedExperts.isOne(weights, model)) {
            return new PlainAdapter(files.configFile(), files, weights, null);
        }
        Path temporary = temporary();
        try (weights) {
            FusedExperts.write(files, weights, model, temporary.resolve("adapter"));
            AdapterDirectory plain = AdapterDirectory.open(temporary.resolve("adapter"));
            return new PlainAdapter(files.configFile(), plain, plain.openWeights(), temporary);
        } catch (RuntimeException e) {
            AtomicFiles.delete(temporary);
            throw e;
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("rlhf4j-adapter");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ObjectNode config() {
        return files.config();
    }

    /** What to call {@link #config} in a message: the file in the folder that was given. */
    Path configFile() {
        return configFile;
    }

    SafetensorsReader weights() {
        return weights;
    }

    @Override
    public void close() {
        weights.close();
        if (temporary != null) {
            AtomicFiles.delete(temporary);
        }
    }
}
