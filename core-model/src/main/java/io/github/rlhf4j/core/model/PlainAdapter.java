package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An adapter's folder with a tensor for each A and B: itself, or a temporary one for {@link FusedExperts}, gone after {@link #close}. */
final class PlainAdapter implements AutoCloseable {
    private final AdapterDirectory files;
    private final SafetensorsReader weights;
    private final @Nullable Path temporary;

    private PlainAdapter(AdapterDirectory files, SafetensorsReader weights, @Nullable Path temporary) {
        this.files = files;
        this.weights = weights;
        this.temporary = temporary;
    }

    /** @throws io.github.rlhf4j.core.UserError where it is no adapter's folder */
    static PlainAdapter open(Path directory, ModelConfig model) {
        AdapterDirectory files = AdapterDirectory.open(directory);
        SafetensorsReader weights = files.openWeights();
        if (!FusedExperts.isOne(weights, model)) {
            return new PlainAdapter(files, weights, null);
        }
        Path temporary = temporary();
        try (weights) {
            FusedExperts.write(files, weights, model, temporary.resolve("adapter"));
            AdapterDirectory plain = AdapterDirectory.open(temporary.resolve("adapter"));
            return new PlainAdapter(plain, plain.openWeights(), temporary);
        } catch (RuntimeException e) {
            delete(temporary);
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

    SafetensorsReader weights() {
        return weights;
    }

    @Override
    public void close() {
        weights.close();
        if (temporary != null) {
            delete(temporary);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
