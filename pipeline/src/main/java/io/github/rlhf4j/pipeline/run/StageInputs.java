package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The content of everything that a stage reads, by the keys that name it: inputs.json in the stage's folder, written when the stage starts and compared whenever it
 * is gone on with or reused.
 *
 * @param entries key to content
 */
record StageInputs(Map<String, Input> entries) {
    private static final int SHOWN = 16; // hexadecimal digits of a digest in a message

    StageInputs {
        entries = new LinkedHashMap<>(entries);
    }

    /**
     * One thing that is read.
     *
     * @param given what the run file says
     * @param sha256 of all of it
     * @param folder in which the files lie; empty where their names are paths
     * @param files what it consists of, where it consists of files
     */
    record Input(String given, String sha256, String folder, Map<String, FileDigests.Entry> files) {
        /** What has a digest of its own. */
        static Input of(String given, String sha256) {
            return new Input(given, sha256, "", Map.of());
        }

        /** Files of a folder, of which the names matter. */
        static Input ofFolder(String given, Path folder, Map<String, FileDigests.Entry> files) {
            return new Input(given, FileDigests.ofAll(files), folder.toString(), files);
        }

        /** Files that are read one after the other, whatever their names. */
        static Input ofSequence(String given, Map<String, FileDigests.Entry> files) {
            Sha256 digest = new Sha256();
            files.values().forEach(file -> digest.add(file.sha256() + "\n"));
            return new Input(given, digest.hex(), "", files);
        }
    }

    ObjectNode toTree(ObjectMapper mapper) {
        ObjectNode tree = mapper.createObjectNode();
        entries.forEach((key, input) -> {
            ObjectNode node = tree.putObject(key);
            node.put("given", input.given());
            node.put("sha256", input.sha256());
            node.put("folder", input.folder());
            ObjectNode files = node.putObject("files");
            input.files().forEach((name, entry) -> files.set(name, mapper.valueToTree(entry.toTree())));
        });
        return tree;
    }

    /** Whether a stored tree is of inputs, each with a digest. */
    static boolean isWhole(JsonNode stored) {
        return stored.isObject()
                && stored.properties().stream()
                        .allMatch(input -> input.getValue().path("sha256").isTextual());
    }

    /** Takes over the stamps of a stored tree, so that unchanged files need not be read. */
    static void remember(JsonNode stored, FileDigests digests) {
        stored.forEach(input -> input.path("files").properties().forEach(file -> {
            String folder = input.path("folder").asText();
            try {
                digests.remember(
                        folder.isEmpty() ? Path.of(file.getKey()) : Path.of(folder, file.getKey()), file.getValue());
            } catch (InvalidPathException e) {
                // a damaged name, which is no file's
            }
        }));
    }

    /**
     * Compares with what was stored when the stage started.
     *
     * @throws UserError naming the first key whose content has changed, with both digests
     */
    void requireSame(String stage, JsonNode stored) {
        entries.forEach((key, input) -> {
            JsonNode then = stored.path(key);
            if (then.path("sha256").isTextual() && !then.path("sha256").asText().equals(input.sha256())) {
                throw new UserError(
                        "%s.%s (%s) is not what stage %s has read: SHA-256 %s now, %s then%s; put the old content back, or run the stage again: --from %s"
                                .formatted(
                                        stage,
                                        key,
                                        input.given(),
                                        stage,
                                        shown(input.sha256()),
                                        shown(then.path("sha256").asText()),
                                        difference(input, then.path("files")).orElse(""),
                                        stage));
            }
        });
    }

    private static Optional<String> difference(Input input, JsonNode then) {
        TreeSet<String> names = new TreeSet<>(input.files().keySet());
        then.fieldNames().forEachRemaining(names::add);
        return names.stream()
                .filter(name -> !then.path(name).path("sha256").asText().equals(digest(input, name)))
                .findFirst()
                .map(name -> !input.files().containsKey(name)
                        ? " (" + name + " is gone)"
                        : then.has(name) ? " (" + name + " has changed)" : " (" + name + " is new)");
    }

    private static String digest(Input input, String name) {
        FileDigests.Entry entry = input.files().get(name);
        return entry == null ? "" : entry.sha256();
    }

    static String shown(String sha256) {
        return sha256.substring(0, Math.min(SHOWN, sha256.length()));
    }
}
