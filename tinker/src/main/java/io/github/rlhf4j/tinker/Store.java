package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The server's folder: {@code session-0001/train-0/weights/NAME} with an adapter as peft writes it, {@code checkpoint.json} and, to train further, {@code optimizer.safetensors}. What is saved appears whole or not at all.
 */
final class Store {
    /** What is said of what was saved. */
    static final String DESCRIPTION = "checkpoint.json";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String EXPIRES = "expires_at"; // apart from the rest, which is the same bytes again

    private final Path root;
    private final InstantSource clock;

    Store(Path root, InstantSource clock) {
        this.root = root;
        this.clock = clock;
        try {
            AtomicFiles.createDirectories(root);
        } catch (IOException e) {
            throw new UserError("--dir " + root + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** A number for a session that none has had in this folder. */
    String newSession() {
        for (int number = 1; ; number++) {
            String id = String.format("session-%04d", number);
            try {
                Files.createDirectory(root.resolve(id));
                AtomicFiles.forceDirectory(root);
                return id;
            } catch (FileAlreadyExistsException e) {
                // another's
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write to " + root, e);
            }
        }
    }

    boolean hasSession(String id) {
        return id.matches("session-[0-9]{4,9}") && Files.isDirectory(root.resolve(id));
    }

    /** Where something is. */
    Path folder(Place place) {
        return place.under(root);
    }

    /** @throws UserError where there is none */
    Path existing(Place place) {
        if (!isThere(place)) {
            throw new UserError("there is no " + place.path() + " on this server");
        }
        return folder(place);
    }

    private boolean isThere(Place place) {
        return Files.isRegularFile(folder(place).resolve(DESCRIPTION)) && !isExpired(place);
    }

    private boolean isExpired(Place place) {
        return expires(place).filter(at -> !clock.instant().isBefore(at)).isPresent();
    }

    /** When it goes by itself, if it does. */
    Optional<Instant> expires(Place place) {
        Path file = folder(place).resolve(EXPIRES);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(Instant.parse(Files.readString(file).strip()))
                    : Optional.empty();
        } catch (IOException | DateTimeParseException e) {
            return Optional.empty(); // it stays
        }
    }

    /** Says when it goes; empty: never. */
    void expire(Place place, Optional<Instant> at) {
        Path file = existing(place).resolve(EXPIRES);
        if (at.isPresent()) {
            AtomicFiles.writeString(file, at.get() + "\n");
        } else {
            AtomicFiles.delete(file);
        }
    }

    /** The time in so many seconds, to the second. */
    Instant in(long seconds) {
        return clock.instant().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Removes what has expired. */
    void removeExpired() {
        for (String run : runs()) {
            all(run).filter(this::isExpired).map(this::folder).toList().forEach(AtomicFiles::delete);
        }
    }

    /**
     * Fills the folder of a place that must be free, unless it is overwritten.
     *
     * @param expires when it goes by itself
     */
    void write(
            Place place,
            boolean overwrites,
            ObjectNode description,
            Optional<Instant> expires,
            AtomicFiles.DirectoryWriter writer) {
        if (!overwrites && Files.exists(folder(place)) && !isExpired(place)) {
            throw new UserError(place.path() + " exists: choose another name"
                    + (place.kind().equals(Place.TRAINING) ? ", or overwrite it" : ""));
        }
        AtomicFiles.writeDirectory(folder(place), directory -> {
            writer.writeTo(directory);
            expires.ifPresent(at -> AtomicFiles.writeString(directory.resolve(EXPIRES), at + "\n"));
            AtomicFiles.writeString(
                    directory.resolve(DESCRIPTION), description.toPrettyString().replace("\r\n", "\n") + "\n");
        });
    }

    JsonNode description(Place place) {
        return read(existing(place).resolve(DESCRIPTION));
    }

    private static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Removes what is saved at a place. */
    void delete(Place place) {
        AtomicFiles.delete(existing(place));
    }

    /** All that is saved of a run, the newest first. */
    List<Place> places(String run) {
        return all(run).filter(this::isThere)
                .sorted(Comparator.comparing(this::time).reversed().thenComparing(Place::path))
                .toList();
    }

    private Stream<Place> all(String run) {
        List<Place> places = new ArrayList<>();
        Path folder = Place.folderOfRun(root, run);
        for (String kind : List.of(Place.TRAINING, Place.SAMPLING)) {
            for (Path each : folders(folder.resolve(kind))) {
                try {
                    places.add(new Place(run, kind, String.valueOf(each.getFileName())));
                } catch (UserError e) {
                    // not ours
                }
            }
        }
        return places.stream();
    }

    /** All runs of which something is saved, in their order. */
    List<String> runs() {
        List<String> runs = new ArrayList<>();
        for (Path session : folders(root)) {
            for (Path run : folders(session)) {
                String name = String.valueOf(run.getFileName());
                if (name.matches("train-[0-9]{1,9}") && hasSession(String.valueOf(session.getFileName()))) {
                    runs.add(session.getFileName() + ":train:" + name.substring("train-".length()));
                }
            }
        }
        return runs;
    }

    private static List<Path> folders(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** When it was saved. */
    Instant time(Place place) {
        try {
            return Files.getLastModifiedTime(folder(place).resolve(DESCRIPTION)).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }

    /** As the SDK's Checkpoint. */
    ObjectNode checkpoint(Place place) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("checkpoint_id", place.kind() + "/" + place.name())
                .put("checkpoint_type", place.type())
                .put("time", time(place).toString())
                .put("tinker_path", place.path())
                .put("size_bytes", bytes(folder(place)));
        expires(place).ifPresent(at -> json.put("expires_at", at.toString()));
        JsonNode metadata = description(place).path("user_metadata");
        if (metadata.isObject()) {
            json.set("user_metadata", metadata);
        }
        return json;
    }

    private static long bytes(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            long sum = 0;
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            return 0;
        }
    }
}
