package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What done.json says of a complete stage, read back with everything checked: the files it left with their digests, and its entry in summary.json.
 */
final class DoneStage {
    /** Key of the digest of all the others. */
    static final String OWN = "own_sha256";

    private static final String DIGEST = "[0-9a-f]{64}";
    private static final int KEYS_BEFORE = 4; // of versions that wrote no such digest

    private final Path directory;
    private final JsonNode tree;

    private DoneStage(Path directory, JsonNode tree) {
        this.directory = directory;
        this.tree = tree;
    }

    /**
     * Reads {@code directory}'s.
     *
     * @throws UserError when it is not what a stage writes
     */
    static DoneStage read(Path directory) {
        Path file = directory.resolve("done.json");
        Optional<JsonNode> tree = StageFolder.readJson(file);
        String stage = String.valueOf(directory.getFileName());
        boolean isWhole = tree.isPresent()
                && tree.get().path("summary").path("type").isTextual()
                && tree.get().path("model_sha256").asText("?").matches(DIGEST + "|")
                && tree.get().path("inputs").isObject()
                && filesAreWhole(tree.get().path("files"))
                && (tree.get().has(OWN)
                        ? tree.get().path(OWN).asText().equals(StageFolder.ownSha256(tree.get()))
                        : tree.get().size() <= KEYS_BEFORE);
        if (!isWhole) {
            throw new UserError(file + " is damaged, so whether stage " + stage
                    + " is complete cannot be told; put it back, or run the stage again: --from " + stage);
        }
        return new DoneStage(directory, tree.get());
    }

    private static boolean filesAreWhole(JsonNode files) {
        return files.isMissingNode()
                || files.isObject()
                        && files.properties().stream()
                                .allMatch(file ->
                                        file.getValue().path("sha256").asText().matches(DIGEST)
                                                && isBelow(file.getKey()));
    }

    private static boolean isBelow(String name) {
        try {
            Path path = Path.of(name);
            return !path.isAbsolute() && path.normalize().equals(path) && !path.startsWith("..");
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Its entry in summary.json. */
    JsonNode summary() {
        return tree.path("summary");
    }

    /** Digest of the model it made; empty where it made none. */
    String modelSha256() {
        return tree.path("model_sha256").asText();
    }

    /** Digest of the model of {@code input} that it was made from; empty where that is not known. */
    Optional<String> inputSha256(String input) {
        JsonNode digest = tree.path("inputs").path(input);
        return digest.isTextual() ? Optional.of(digest.asText()) : Optional.empty();
    }

    /** Whether its files are listed, as they are since versions of late 2026. */
    boolean listsFiles() {
        return tree.path("files").isObject();
    }

    /** Whether {@code name}, relative to the stage's folder, is a file that it left. */
    boolean lists(String name) {
        return tree.path("files").has(name);
    }

    /** Digest of the files that it left in one of its folders, as of that folder alone. */
    String digestBelow(String part) {
        if (!listsFiles()) {
            return part.equals("model") ? modelSha256() : AtomicFiles.sha256OfDirectory(directory.resolve(part));
        }
        Sha256 digest = new Sha256();
        below(part).forEach((name, sha256) -> digest.add(sha256 + " " + name + "\n"));
        return digest.hex();
    }

    private Map<String, String> below(String part) {
        Map<String, String> found = new TreeMap<>();
        String prefix = part.replace('\\', '/') + "/";
        tree.path("files").properties().stream()
                .filter(file -> file.getKey().startsWith(prefix))
                .forEach(file -> found.put(
                        file.getKey().substring(prefix.length()),
                        file.getValue().path("sha256").asText()));
        return found;
    }

    /**
     * Checks that the models are those that the stage left. Logs and samples are not read by later stages.
     *
     * @throws UserError naming the file that is gone or has changed, with both digests
     */
    void requireIntact(FileDigests digests) {
        if (!listsFiles()) {
            requireModel(
                    modelSha256().isEmpty() ? "" : AtomicFiles.sha256OfDirectory(directory.resolve("model")), "model");
            return;
        }
        changed(name -> name.contains("/"), digests).findFirst().ifPresent(name -> {
            throw changed(name, now(name, digests), then(name));
        });
        if (!modelSha256().isEmpty()) {
            requireModel(digestBelow("model"), "done.json");
        }
    }

    /** Whether a file is as the stage left it, as far as that is known. */
    boolean isIntact(String name, FileDigests digests) {
        return !lists(name) || now(name, digests).equals(then(name));
    }

    /** Files that the stage left and no later stage reads, logs and samples, that are gone or have changed since. */
    List<Path> changedLogs(FileDigests digests) {
        return changed(name -> name.matches("[^/]+\\.jsonl|config\\.yaml"), digests)
                .map(directory::resolve)
                .toList();
    }

    /** Names of such files that the stage left and that are gone or have changed since; each is read when it is asked for. */
    private Stream<String> changed(Predicate<String> such, FileDigests digests) {
        return tree.path("files").properties().stream()
                .map(Map.Entry::getKey)
                .filter(such)
                .filter(name -> !now(name, digests).equals(then(name)));
    }

    private String now(String name, FileDigests digests) {
        Path file = directory.resolve(name);
        digests.remember(file, tree.path("files").path(name));
        return Files.isRegularFile(file) ? digests.of(file).sha256() : "";
    }

    private String then(String name) {
        return tree.path("files").path(name).path("sha256").asText();
    }

    private void requireModel(String now, String what) {
        if (!now.equals(modelSha256())) {
            throw changed(what, now, modelSha256());
        }
    }

    private UserError changed(String what, String now, String then) {
        String stage = String.valueOf(directory.getFileName());
        return new UserError(
                "%s was changed after stage %s had made it: SHA-256 %s now, %s then; put it back, or run the stage again: --from %s"
                        .formatted(
                                directory.resolve(what),
                                stage,
                                now.isEmpty() ? "none" : StageInputs.shown(now),
                                StageInputs.shown(then),
                                stage));
    }
}
