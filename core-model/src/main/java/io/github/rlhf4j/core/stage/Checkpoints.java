package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.SafetensorsWriter;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.train.Stateful;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * checkpoints/step-N/ of a stage, and stop-N/ for one that was not due: {@code tensors.safetensors}, {@code state.json} and {@code checksums.json}. A checkpoint appears whole or not at all; one that does not match its checksums, or does not hold
 * what this stage needs, is passed over, with a warning, for the one before it. Nothing else in the folder is touched.
 */
final class Checkpoints {
    private static final String PREFIX = "step-";
    private static final String STOP_PREFIX = "stop-";
    private static final String NUMBER = "[1-9][0-9]{0,17}";
    private static final String TENSORS = "tensors.safetensors";
    private static final String STATE = "state.json";
    private static final String CHECKSUMS = "checksums.json";

    private final Path directory;
    private final ObjectMapper mapper = new ObjectMapper();

    Checkpoints(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** Writes a checkpoint of everything registered, then removes what is beyond {@code keep} (0: nothing) and those of stops, which it makes superfluous. */
    void save(long step, Map<String, Stateful> registered, ObjectNode loop, int keep) {
        write(PREFIX + step, registered, loop);
        List<Path> known = newestFirst(PREFIX);
        for (int i = keep; keep > 0 && i < known.size(); i++) {
            deleteIfOurs(known.get(i));
        }
        clearStops();
    }

    /** Writes a checkpoint that is not due, as {@code stop-N}: the next of these, one that is due, or the end, removes it. */
    void saveStop(long step, Map<String, Stateful> registered, ObjectNode loop) {
        write(STOP_PREFIX + step, registered, loop);
        newestFirst(STOP_PREFIX).stream().skip(1).forEach(Checkpoints::deleteIfOurs);
    }

    /** Makes the checkpoint of a step one that is not due, where there is one. */
    void makeStop(long step) {
        Path checkpoint = directory.resolve(PREFIX + step);
        if (Files.isDirectory(checkpoint)) {
            try {
                Files.move(checkpoint, directory.resolve(STOP_PREFIX + step));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot rename " + checkpoint, e);
            }
        }
    }

    /** Removes those of stops, and the folder where nothing else is in it. */
    void clearStops() {
        newestFirst(STOP_PREFIX).forEach(Checkpoints::deleteIfOurs);
        deleteIfEmpty(directory);
    }

    /** Removes all but those of two steps. */
    void keepOnly(long one, long other) {
        newestFirst(PREFIX).stream()
                .filter(checkpoint -> step(checkpoint) != one && step(checkpoint) != other)
                .forEach(Checkpoints::deleteIfOurs);
    }

    private void write(String folder, Map<String, Stateful> registered, ObjectNode loop) {
        List<TensorEntry> entries = new ArrayList<>();
        ObjectNode state = mapper.createObjectNode();
        state.set("loop", loop);
        ObjectNode parts = state.putObject("parts");
        registered.forEach((name, stateful) -> {
            stateful.tensors().forEach((key, tensor) -> entries.add(TensorEntry.of(name + "." + key, tensor)));
            stateful.save(parts.putObject(name));
        });
        AtomicFiles.writeDirectory(directory.resolve(folder), target -> {
            new SafetensorsWriter(FloatType.F32).writeFile(target.resolve(TENSORS), entries);
            AtomicFiles.writeString(target.resolve(STATE), mapper.writeValueAsString(state) + "\n");
            ObjectNode checksums = mapper.createObjectNode();
            checksums.put(TENSORS, AtomicFiles.sha256(target.resolve(TENSORS)));
            checksums.put(STATE, AtomicFiles.sha256(target.resolve(STATE)));
            AtomicFiles.writeString(target.resolve(CHECKSUMS), mapper.writeValueAsString(checksums) + "\n");
        });
    }

    /** Restores that of a step. */
    void restore(long step, Map<String, Stateful> registered) {
        Path checkpoint = directory.resolve(PREFIX + step);
        try {
            requireChecksums(checkpoint);
            restore(checkpoint, registered);
        } catch (RuntimeException e) {
            throw new SelfCheckFailure(checkpoint + " cannot be read: " + reason(e) + "; run the stage again");
        }
    }

    /** Restores the newest checkpoint that is sound; empty where there is none. */
    Optional<LoopState> restore(Map<String, Stateful> registered, Consumer<String> warnings) {
        for (Path checkpoint : newestFirst()) {
            try {
                requireChecksums(checkpoint);
                return Optional.of(restore(checkpoint, registered));
            } catch (RuntimeException e) { // files of any content, and states that stages read themselves
                warnings.accept(checkpoint + " is passed over: " + reason(e));
            }
        }
        return Optional.empty();
    }

    private static String reason(RuntimeException e) {
        return e instanceof Unsound || e instanceof UserError
                ? String.valueOf(e.getMessage())
                : "it is damaged (" + e + ")";
    }

    private static void deleteIfOurs(Path checkpoint) {
        if (holdsNothingElse(checkpoint)) {
            AtomicFiles.delete(checkpoint);
        }
    }

    private static boolean holdsNothingElse(Path checkpoint) {
        try (Stream<Path> files = Files.list(checkpoint)) {
            return !Files.isSymbolicLink(checkpoint)
                    && files.allMatch(file -> List.of(TENSORS, STATE, CHECKSUMS)
                            .contains(file.getFileName().toString()));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether there is any. */
    boolean exist() {
        return !newestFirst().isEmpty();
    }

    /** Removes all, and the folder where nothing else is in it. */
    void clear() {
        newestFirst().forEach(Checkpoints::deleteIfOurs);
        deleteIfEmpty(directory);
    }

    static void deleteIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // something else is in it, which stays
        }
    }

    private LoopState restore(Path checkpoint, Map<String, Stateful> registered) {
        JsonNode state = read(checkpoint.resolve(STATE));
        LoopState loop = LoopState.read(state.path("loop"));
        if (loop.step() != step(checkpoint)) {
            throw new Unsound("its state is that of step " + loop.step());
        }
        registered.keySet().forEach(name -> {
            if (!state.path("parts").path(name).isObject()) {
                throw new Unsound("it has no state of " + name);
            }
        });
        try (SafetensorsReader reader = SafetensorsReader.open(checkpoint.resolve(TENSORS))) {
            registered.forEach((name, stateful) ->
                    stateful.tensors().forEach((key, tensor) -> reader.read(name + "." + key, tensor)));
        }
        registered.forEach((name, stateful) ->
                stateful.restore((ObjectNode) state.get("parts").get(name)));
        return loop;
    }

    private void requireChecksums(Path checkpoint) {
        JsonNode checksums = read(checkpoint.resolve(CHECKSUMS));
        for (String file : List.of(TENSORS, STATE)) {
            if (!Files.isRegularFile(checkpoint.resolve(file))) {
                throw new Unsound("it has no file " + file);
            }
            if (!checksums.path(file).asText().equals(AtomicFiles.sha256(checkpoint.resolve(file)))) {
                throw new Unsound(file + " does not match its checksum");
            }
        }
    }

    private JsonNode read(Path file) {
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new Unsound(file.getFileName() + " cannot be read");
        }
    }

    /** A checkpoint that cannot be gone on from. */
    private static final class Unsound extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsound(String what) {
            super(what);
        }
    }

    private List<Path> newestFirst() {
        return newestFirst("(" + PREFIX + "|" + STOP_PREFIX + ")");
    }

    private List<Path> newestFirst(String prefix) {
        return newestFirst(directory, prefix);
    }

    /** Folders of the steps after one: {@code step-N}. */
    static List<Path> after(long step, Path directory) {
        return newestFirst(directory, PREFIX).stream()
                .filter(folder -> step(folder) > step)
                .toList();
    }

    private static List<Path> newestFirst(Path directory, String prefix) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(
                            file -> file.getFileName().toString().matches(prefix + NUMBER) && Files.isDirectory(file))
                    .sorted(Comparator.comparingLong(Checkpoints::step).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().replaceFirst(".*-", ""));
    }
}
