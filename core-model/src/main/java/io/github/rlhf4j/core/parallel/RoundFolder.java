package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * checkpoints/replicas/round-N/ of a stage: {@code rows}, those of all replicas; of each replica {@code replica-M.safetensors}, its state after the round, {@code replica-M.difference} and {@code replica-M.result}. States that a checkpoint names stay as long as that does.
 */
final class RoundFolder {
    private static final Pattern ROUND = Pattern.compile("round-([1-9][0-9]{0,17})");
    private static final String STATE = "state.json";

    private final Path checkpoints;
    private final Path folder;

    RoundFolder(Path checkpoints) {
        this.checkpoints = checkpoints;
        this.folder = checkpoints.resolve("replicas");
    }

    Path of(long round) {
        return folder.resolve("round-" + round);
    }

    /** The rows of a round. */
    Path rows(long round) {
        return of(round).resolve("rows");
    }

    /** The beginning of the names of a replica's files; replicas count from 0, files from 1. */
    Path files(long round, int replica) {
        return of(round).resolve("replica-" + (replica + 1));
    }

    /** How checkpoints name a file. */
    String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    Path file(String name) {
        if (!name.matches("round-[1-9][0-9]{0,17}/replica-[1-9][0-9]{0,8}\\.safetensors")) {
            throw new IllegalStateException(name + " is no replica's state");
        }
        return folder.resolve(name);
    }

    /** @throws IllegalStateException where the file is not what it was */
    ReplicaState sound(ReplicaState state) {
        if (!is(state.file(), state.sha256())) {
            throw new IllegalStateException(state.file() + " is not there, or not what the checkpoint needs");
        }
        return state;
    }

    /** What a replica has done with this input already, if its files are whole. */
    Optional<LocalOutcome> result(long round, int replica, byte[] input) {
        Path file = RoundTask.result(files(round, replica));
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            String digest = new String(bytes, 0, Math.min(RoundTask.DIGEST, bytes.length), StandardCharsets.US_ASCII);
            if (!digest.equals(new Sha256().add(input).hex())) {
                return Optional.empty();
            }
            LocalOutcome outcome = LocalOutcome.of(Arrays.copyOfRange(bytes, RoundTask.DIGEST, bytes.length));
            boolean isWhole = is(outcome.difference(), outcome.differenceDigest())
                    && is(outcome.state().file(), outcome.state().sha256());
            return isWhole ? Optional.of(outcome) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (RuntimeException e) { // a file of any content
            return Optional.empty();
        }
    }

    /** Whether a file is there and whole. */
    static boolean is(Path file, String sha256) {
        return Files.isRegularFile(file) && AtomicFiles.sha256(file).equals(sha256);
    }

    /** @throws UserError naming a file, unless a worker has found it whole */
    static void require(boolean isWhole, Path file) {
        if (!isWhole) {
            throw new UserError(file + " is not there, or is not what was written to it; workers must see this folder"
                    + " under the same name; continue with --resume when they do");
        }
    }

    /** Removes what is no longer needed when round {@code finished} is: everything of rounds before it, and of it all but states; states that checkpoints name stay. */
    void tidy(long finished) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<Long> named = named();
        for (Path round : list(folder)) {
            Matcher name = ROUND.matcher(String.valueOf(round.getFileName()));
            if (!name.matches() || Long.parseLong(name.group(1)) > finished) {
                continue;
            }
            long number = Long.parseLong(name.group(1));
            if (number < finished && !named.contains(number)) {
                AtomicFiles.delete(round);
            } else {
                list(round).stream()
                        .filter(file -> !file.toString().endsWith(".safetensors"))
                        .forEach(AtomicFiles::delete);
            }
        }
        deleteIfEmpty(folder);
    }

    /** Removes a folder in which nothing is, and so the one above it. */
    static void deleteIfEmpty(Path directory) {
        Path parent = directory.getParent();
        for (Path each : parent == null ? List.of(directory) : List.of(directory, parent)) {
            if (Files.isDirectory(each) && list(each).isEmpty()) {
                AtomicFiles.delete(each);
            }
        }
    }

    /** The rounds of the states that checkpoints name. */
    private Set<Long> named() {
        Set<Long> rounds = new HashSet<>();
        try (Stream<Path> files = Files.walk(checkpoints, 3)) {
            for (Path file : files.filter(path -> path.endsWith(STATE)).toList()) {
                Matcher name = ROUND.matcher(Files.readString(file));
                while (name.find()) {
                    rounds.add(Long.parseLong(name.group(1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + checkpoints, e);
        }
        return rounds;
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }
}
