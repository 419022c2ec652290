package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * runs/&lt;name&gt;/&lt;stage&gt;/: what the pipeline itself keeps there. {@code config.yaml} and {@code inputs.json} are written before the stage starts, {@code done.json} last of
 * all: the stage's entry in summary.json and the digests of the files that it left.
 */
final class StageFolder {
    /** Name of what tells the content of everything that the stage reads. */
    static final String INPUTS = "inputs.json";

    /** What stages leave beside models, and models. */
    private static final String OWN_FILES =
            "(config\\.yaml|(inputs|done|provenance)\\.json|(metrics|timing|samples|messages|removed)\\.jsonl|events\\.out\\.tfevents\\..*)";

    private static final String OWN_FOLDERS =
            "model|value_model|value_adapter|ema|tokenizer|best|answers|data|work|adapter|base|nonfinite|spikes";
    private static final String ANSWERS = "answers"; // http.KeptAnswers
    private static final String CHECKPOINT = "(best/)?(step|stop)-[1-9][0-9]{0,17}";
    private static final String ROUND = "round-[1-9][0-9]{0,17}";
    private static final String CHECKPOINT_FILES =
            "checkpoints/(" + CHECKPOINT + "/(tensors\\.safetensors|(state|checksums)\\.json)" + "|replicas/(" + ROUND
                    + "/(rows|replica-[1-9][0-9]*\\.(safetensors|difference|result))|shards/shards-[0-9]+-[0-9]+\\.gradient))";
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final DefaultPrettyPrinter PRINTER =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private final Path directory;

    StageFolder(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    String name() {
        return String.valueOf(directory.getFileName());
    }

    boolean isDone() {
        return Files.exists(directory.resolve("done.json"), LinkOption.NOFOLLOW_LINKS);
    }

    /** A complete stage is one no longer. */
    void reopen() {
        AtomicFiles.delete(directory.resolve("done.json"));
    }

    boolean hasCheckpoints() {
        return Files.isDirectory(directory.resolve("checkpoints"));
    }

    /** Whether servers have answered: what they said stays, since asking again may cost or give something else. */
    boolean hasAnswers() {
        return Files.isDirectory(directory.resolve(ANSWERS));
    }

    /** Whether a step was written aside whose numbers cannot be right: that is for a person to look at. */
    boolean hasWrongNumbers() {
        return Files.isDirectory(directory.resolve("nonfinite"));
    }

    /** Whether a stage has been at work here: its configuration, its end, what it has read or a checkpoint, as this program writes them. */
    boolean isStage() {
        return isConfig(directory.resolve("config.yaml"))
                || readJson(directory.resolve("done.json"))
                        .filter(tree -> tree.has("model_sha256"))
                        .isPresent()
                || readJson(directory.resolve(INPUTS)).isPresent()
                || hasCheckpoints() && files(directory).anyMatch(file -> file.matches(CHECKPOINT_FILES));
    }

    private static boolean isConfig(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            return EffectiveConfig.HEADER.equals(lines.readLine());
        } catch (IOException e) {
            return false;
        }
    }

    /** What is here that no stage has made, by names below the run's folder. A link is never more than the link that is removed. */
    List<String> foreign() {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)
                || files(directory).allMatch(AtomicFiles::isTemporary)) {
            return List.of();
        }
        if (!isStage()) {
            return List.of(name());
        }
        if (Files.isSymbolicLink(directory)) {
            return List.of();
        }
        Optional<DoneStage> done = listing();
        return files(directory)
                .filter(file -> !isOwn(file, done))
                .map(file -> name() + "/" + file)
                .toList();
    }

    /** Whether all that is here is what stages make, though nothing may say that it is one. */
    boolean holdsOwnFilesOnly() {
        return !Files.isSymbolicLink(directory)
                && files(directory).allMatch(file -> AtomicFiles.isTemporary(file) || isOwn(file, Optional.empty()));
    }

    /** Files, links and empty folders below {@code directory} by their relative names, sorted; of what is no folder, its own name. */
    private static Stream<String> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.of(String.valueOf(directory.getFileName()));
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all
                    .filter(path -> !path.equals(directory))
                    .filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) || isEmpty(path))
                    .map(path -> directory.relativize(path).toString().replace('\\', '/'))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private Optional<DoneStage> listing() {
        try {
            return isDone() ? Optional.of(DoneStage.read(directory)).filter(DoneStage::listsFiles) : Optional.empty();
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    private static boolean isOwn(String file, Optional<DoneStage> done) {
        if (file.matches(OWN_FILES) || file.matches(CHECKPOINT_FILES) || AtomicFiles.isTemporary(file)) {
            return true;
        }
        String top = file.contains("/") ? file.substring(0, file.indexOf('/')) : "";
        return done.map(stage -> stage.lists(file)).orElse(top.matches(OWN_FOLDERS))
                || file.matches("(checkpoints(/(best|replicas(/(shards|" + ROUND + "))?|" + CHECKPOINT + "))?|"
                        + OWN_FOLDERS + ")"); // empty ones
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Removes what a stage has left.
     *
     * @throws UserError when something else is there; nothing is removed then
     */
    void clear() {
        requireOwn();
        AtomicFiles.delete(directory);
    }

    /** The same, but for the answers of servers: a stage that begins again asks the same. */
    void clearButAnswers() {
        if (!hasAnswers()) {
            clear();
            return;
        }
        requireOwn();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(entry -> !entry.endsWith(ANSWERS)
                            && !entry.endsWith("config.yaml")) // which says that this is a stage
                    .toList()
                    .forEach(AtomicFiles::delete);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    /**
     * Checks that the folder may be replaced.
     *
     * @throws UserError naming what is in it that no stage has made
     */
    void requireOwn() {
        RunFolder.refuse(foreign(), directory);
    }

    void writeConfig(EffectiveConfig config) {
        AtomicFiles.writeString(directory.resolve("config.yaml"), config.toYaml());
    }

    /** The stored effective configuration. */
    Optional<EffectiveConfig> config() {
        Path file = directory.resolve("config.yaml");
        return Files.isRegularFile(file) ? Optional.of(EffectiveConfig.read(file)) : Optional.empty();
    }

    void writeInputs(StageInputs inputs) {
        writeJson(directory.resolve(INPUTS), inputs.toTree(MAPPER));
    }

    /** What {@link StageInputs} stored when the stage started; empty where there is no such file. */
    Optional<JsonNode> inputs() {
        return readJson(directory.resolve(INPUTS));
    }

    /** The last logged value of every metric, by its name in metrics.jsonl. */
    Map<String, Object> lastMetrics() {
        Map<String, Object> metrics = new LinkedHashMap<>();
        Path file = directory.resolve("metrics.jsonl");
        if (Files.isRegularFile(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    MAPPER.readTree(line).properties().stream()
                            .filter(entry -> !entry.getKey().equals("step"))
                            .forEach(entry -> metrics.put(entry.getKey(), entry.getValue()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return metrics;
    }

    /**
     * Says that the stage is complete.
     *
     * @param inputDigests of the models of earlier stages that it was made from
     */
    void writeDone(Map<String, Object> summary, FileDigests digests, Map<String, String> inputDigests) {
        Map<String, FileDigests.Entry> files = digests.below(
                directory,
                Integer.MAX_VALUE,
                name -> !name.startsWith("checkpoints/")
                        && !name.equals("done.json")
                        && !AtomicFiles.isTemporary(name));
        Map<String, FileDigests.Entry> model = new TreeMap<>();
        Map<String, Object> listed = new LinkedHashMap<>();
        files.forEach((name, entry) -> {
            if (name.startsWith("model/")) {
                model.put(name.substring("model/".length()), entry);
            }
            listed.put(name, entry.toTree());
        });
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("summary", summary);
        done.put("model_sha256", model.isEmpty() ? "" : FileDigests.ofAll(model));
        done.put("inputs", inputDigests);
        done.put("files", listed);
        try {
            done.put(DoneStage.OWN, ownSha256(MAPPER.readTree(MAPPER.writeValueAsString(done)))); // as it will be read
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        writeJson(directory.resolve("done.json"), done);
    }

    /** Digest of all that a tree holds but that digest itself; the same on every JDK. */
    static String ownSha256(JsonNode tree) {
        ObjectNode rest = tree.deepCopy();
        rest.remove(DoneStage.OWN);
        try {
            return new Sha256().add(MAPPER.writeValueAsString(rest)).hex();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What the complete stage says of itself.
     *
     * @throws UserError when that is damaged
     */
    DoneStage done() {
        return DoneStage.read(directory);
    }

    /** A JSON file; empty where there is none that can be read. */
    static Optional<JsonNode> readJson(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.ofNullable(MAPPER.readTree(file.toFile())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static void writeJson(Path file, Object tree) {
        try {
            AtomicFiles.writeString(file, MAPPER.writer(PRINTER).writeValueAsString(tree) + "\n");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
