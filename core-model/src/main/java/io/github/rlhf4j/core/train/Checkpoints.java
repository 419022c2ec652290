package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.SafetensorsWriter;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * checkpoints/step-N/ of a stage: {@code tensors.safetensors}, {@code state.json} and {@code checksums.json}. A checkpoint appears whole or not at all; one that does not match its checksums is passed over,
 * with a warning, for the one before it.
 */
final class Checkpoints {
    private static final String PREFIX = "step-";
    private static final String TENSORS = "tensors.safetensors";
    private static final String STATE = "state.json";
    private static final String CHECKSUMS = "checksums.json";

    private final Path directory;
    private final ObjectMapper mapper = new ObjectMapper();

    Checkpoints(Path directory) {
        this.directory = directory;
    }

    /** Writes a checkpoint of everything registered, then removes what is beyond {@code keep} (0: nothing). */
    void save(long step, Map<String, Stateful> registered, ObjectNode loop, int keep) {
        List<TensorEntry> entries = new ArrayList<>();
        ObjectNode state = mapper.createObjectNode();
        state.set("loop", loop);
        ObjectNode parts = state.putObject("parts");
        registered.forEach((name, stateful) -> {
            stateful.tensors().forEach((key, tensor) -> entries.add(entry(name + "." + key, tensor)));
            stateful.save(parts.putObject(name));
        });
        AtomicFiles.writeDirectory(directory.resolve(PREFIX + step), target -> {
            new SafetensorsWriter(FloatType.F32).writeFile(target.resolve(TENSORS), entries);
            AtomicFiles.writeString(target.resolve(STATE), mapper.writeValueAsString(state) + "\n");
            ObjectNode checksums = mapper.createObjectNode();
            checksums.put(TENSORS, AtomicFiles.sha256(target.resolve(TENSORS)));
            checksums.put(STATE, AtomicFiles.sha256(target.resolve(STATE)));
            AtomicFiles.writeString(target.resolve(CHECKSUMS), mapper.writeValueAsString(checksums) + "\n");
        });
        List<Path> known = newestFirst();
        for (int i = keep; keep > 0 && i < known.size(); i++) {
            AtomicFiles.delete(known.get(i));
        }
    }

    /** Restores the newest checkpoint that is sound; empty where there is none. */
    Optional<JsonNode> restore(Map<String, Stateful> registered, Consumer<String> warnings) {
        for (Path checkpoint : newestFirst()) {
            if (isSound(checkpoint)) {
                return Optional.of(restore(checkpoint, registered));
            }
            warnings.accept(checkpoint + " does not match its checksums and is passed over");
        }
        return Optional.empty();
    }

    /** Whether there is any. */
    boolean exist() {
        return !newestFirst().isEmpty();
    }

    /** Removes all. */
    void clear() {
        AtomicFiles.delete(directory);
    }

    private JsonNode restore(Path checkpoint, Map<String, Stateful> registered) {
        JsonNode state = read(checkpoint.resolve(STATE));
        try (SafetensorsReader reader = SafetensorsReader.open(checkpoint.resolve(TENSORS))) {
            registered.forEach((name, stateful) -> stateful.tensors().forEach((key, tensor) -> {
                for (int row = 0; row < tensor.rows(); row++) {
                    FloatBuffer target = row(tensor, row);
                    reader.read(name + "." + key, (long) row * tensor.columns(), target);
                }
            }));
        }
        registered.forEach((name, stateful) ->
                stateful.restore((ObjectNode) state.get("parts").get(name)));
        return state.get("loop");
    }

    private boolean isSound(Path checkpoint) {
        if (!Files.exists(checkpoint.resolve(CHECKSUMS))) {
            return false;
        }
        JsonNode checksums = read(checkpoint.resolve(CHECKSUMS));
        return Stream.of(TENSORS, STATE)
                .allMatch(file -> Files.exists(checkpoint.resolve(file))
                        && checksums.path(file).asText().equals(AtomicFiles.sha256(checkpoint.resolve(file))));
    }

    private JsonNode read(Path file) {
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private List<Path> newestFirst() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(PREFIX + "\\d+"))
                    .sorted(Comparator.comparingLong(Checkpoints::step).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
    }

    private static TensorEntry entry(String name, Tensor tensor) {
        return TensorEntry.of(
                name,
                sink -> {
                    for (int row = 0; row < tensor.rows(); row++) {
                        sink.accept(row(tensor, row));
                    }
                },
                tensor.rows(),
                tensor.columns());
    }

    private static FloatBuffer row(Tensor tensor, int row) {
        return tensor.floats().slice(tensor.offset(row), tensor.columns());
    }
}
