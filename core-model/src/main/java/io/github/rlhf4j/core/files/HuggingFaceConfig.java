package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model's config.json: read as a tree, so that keys unknown here are still there when it is written again.
 *
 * <p>Immutable: {@code with...} methods return a changed copy. Getters check type and range and throw {@link UserError}
 * naming the file and the key. A key that is null counts as absent.
 */
public final class HuggingFaceConfig {
    private static final String OURS = "rlhf4j";
    private static final String STEP_SEPARATOR = "step_separator"; // in our block

    private final String source;
    private final ObjectNode tree;

    private HuggingFaceConfig(String source, ObjectNode tree) {
        this.source = source;
        this.tree = tree;
    }

    /**
     * Reads config.json of a directory, or the file given.
     *
     * @throws UserError if it is missing or is not a JSON object
     */
    public static HuggingFaceConfig read(Path fileOrDirectory) {
        Path file = Files.isDirectory(fileOrDirectory) ? fileOrDirectory.resolve("config.json") : fileOrDirectory;
        if (!Files.isRegularFile(file)) {
            throw new UserError(file + " is missing: give the directory of a Hugging Face model");
        }
        return new HuggingFaceConfig(file.toString(), JsonFiles.readObject(file));
    }

    /** A configuration with {@code model_type} and {@code architectures} set and nothing else. */
    public static HuggingFaceConfig create(String modelType, String architecture) {
        ObjectNode tree = JsonFiles.newObject();
        tree.putArray("architectures").add(architecture);
        tree.put("model_type", modelType);
        return new HuggingFaceConfig("config.json", tree);
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @param source where it was read from first, for messages
     */
    public static HuggingFaceConfig ofJson(String source, String json) {
        return new HuggingFaceConfig(source, JsonFiles.parseObject(json));
    }

    /** Writes the file whole, indented. */
    public void write(Path file) {
        AtomicFiles.writeString(file, toJson());
    }

    /** The file's text. */
    public String toJson() {
        return JsonFiles.toText(tree);
    }

    /** Where it was read from, for messages. */
    public String source() {
        return source;
    }

    /** A copy of the whole tree. */
    public ObjectNode tree() {
        return tree.deepCopy();
    }

    /** Whether the key is there and is not null. */
    public boolean has(String key) {
        return tree.hasNonNull(key);
    }

    /** Whole number in [min, max]. */
    public int getInt(String key, int min, int max) {
        JsonNode value = required(key, "a whole number in [" + min + ", " + max + "]");
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            throw wrong(key, value, "a whole number in [" + min + ", " + max + "]");
        }
        return value.intValue();
    }

    /** As {@link #getInt(String, int, int)}, or the default where the key is absent. */
    public int getInt(String key, int min, int max, int defaultValue) {
        return has(key) ? getInt(key, min, max) : defaultValue;
    }

    /** Finite number in [min, max]. */
    public double getDouble(String key, double min, double max) {
        JsonNode value = required(key, "a number in [" + min + ", " + max + "]");
        if (!value.isNumber()
                || !Double.isFinite(value.doubleValue())
                || value.doubleValue() < min
                || value.doubleValue() > max) {
            throw wrong(key, value, "a number in [" + min + ", " + max + "]");
        }
        return value.doubleValue();
    }

    /** As {@link #getDouble(String, double, double)}, or the default where the key is absent. */
    public double getDouble(String key, double min, double max, double defaultValue) {
        return has(key) ? getDouble(key, min, max) : defaultValue;
    }

    /** True or false, or the default where the key is absent. */
    public boolean getBoolean(String key, boolean defaultValue) {
        if (!has(key)) {
            return defaultValue;
        }
        JsonNode value = tree.get(key);
        if (!value.isBoolean()) {
            throw wrong(key, value, "true or false");
        }
        return value.booleanValue();
    }

    /** Text. */
    public String getString(String key) {
        JsonNode value = required(key, "a text");
        if (!value.isTextual()) {
            throw wrong(key, value, "a text");
        }
        return value.textValue();
    }

    /** Text, or the default where the key is absent. */
    public String getString(String key, String defaultValue) {
        return has(key) ? getString(key) : defaultValue;
    }

    /** {@code model_type}, for example llama. */
    public String modelType() {
        return getString("model_type");
    }

    /**
     * Checks that this is a model that can be computed: not quantised, and of a known family.
     *
     * @throws UserError if it is not
     */
    public void requireModelType(Set<String> supported) {
        if (has("quantization_config")) {
            throw new UserError(source + " has a quantization_config ("
                    + tree.path("quantization_config").path("quant_method").asText("method not given")
                    + "): quantised weights are not read, take the unquantised model");
        }
        if (!supported.contains(modelType())) {
            throw new UserError(
                    source + ": model_type is \"" + modelType() + "\", which is not supported: it must be one of "
                            + supported.stream().sorted().toList());
        }
    }

    /** {@code architectures}, empty where absent. */
    public List<String> architectures() {
        List<String> names = new ArrayList<>();
        tree.path("architectures").forEach(name -> names.add(name.asText()));
        return names;
    }

    /** Whether it is a classifier (LlamaForSequenceClassification), whose head is the tensor {@code score.weight}. */
    public boolean isSequenceClassifier() {
        return architectures().stream().anyMatch(name -> name.endsWith("ForSequenceClassification"));
    }

    /** Whether it is a reward model: a classifier with one label. */
    public boolean isRewardModel() {
        return isSequenceClassifier() && numLabels() == 1;
    }

    /** Whether it is a process reward model: a classifier of tokens with two labels. */
    public boolean isProcessRewardModel() {
        return architectures().stream().anyMatch(name -> name.endsWith("ForTokenClassification")) && numLabels() == 2;
    }

    /** Rows of the classifier's head: {@code num_labels}, else the labels of {@code id2label}, else transformers' 2. */
    public int numLabels() {
        if (has("num_labels")) {
            return getInt("num_labels", 1, Integer.MAX_VALUE);
        }
        return has("id2label") ? tree.path("id2label").size() : 2;
    }

    /** Type of the stored weights: {@code dtype}, or {@code torch_dtype} as it was called; {@code float32} if neither. */
    public String dtype() {
        String dtype = has("dtype") ? getString("dtype") : getString("torch_dtype", "float32");
        return dtype.startsWith("torch.") ? dtype.substring(6) : dtype;
    }

    /**
     * Settings of rotary positions in transformers 5's form, whichever way the file spells them: {@code rope_theta}
     * (the default if absent), {@code rope_type} ({@code default} if absent) and what the type needs. As in
     * transformers, {@code rope_scaling}, the old name, goes before {@code rope_parameters}.
     */
    public HuggingFaceConfig ropeParameters(double defaultTheta) {
        String key = tree.path("rope_scaling").isEmpty() ? "rope_parameters" : "rope_scaling";
        ObjectNode result = JsonFiles.newObject();
        if (has(key)) {
            if (!(tree.get(key) instanceof ObjectNode object)) {
                throw wrong(key, tree.get(key), "an object");
            }
            result.setAll(object.deepCopy());
        }
        if (!result.hasNonNull("rope_type")) {
            result.put("rope_type", result.path("type").asText("default"));
        }
        result.remove("type");
        putIfAbsent(result, "rope_theta");
        putIfAbsent(result, "partial_rotary_factor");
        putIfAbsent(result, "original_max_position_embeddings");
        if (!result.hasNonNull("rope_theta")) {
            result.put("rope_theta", defaultTheta);
        }
        return new HuggingFaceConfig(source + ": " + key, result);
    }

    private void putIfAbsent(ObjectNode result, String key) {
        if (!result.hasNonNull(key) && has(key)) {
            result.set(key, tree.get(key).deepCopy());
        }
    }

    /** The first id of {@code bos_token_id}, {@code eos_token_id} or {@code pad_token_id}, a number or a list. */
    public OptionalInt tokenId(String key) {
        JsonNode value = tree.path(key);
        JsonNode first = value.isArray() ? value.path(0) : value;
        if (first.isMissingNode() || first.isNull()) {
            return OptionalInt.empty();
        }
        if (!first.isIntegralNumber() || !first.canConvertToInt() || first.intValue() < 0) {
            throw wrong(key, value, "a token id >= 0");
        }
        return OptionalInt.of(first.intValue());
    }

    /** What a reward model's scores look like, from our own block {@code "rlhf4j"}, if it was stored. */
    public Optional<ScoreStatistics> scoreStatistics() {
        JsonNode block = tree.path(OURS);
        if (!block.has("score_shift") && !block.has("score_mean") && !block.has("score_std")) {
            return Optional.empty();
        }
        return Optional.of(new ScoreStatistics(
                score(block, "score_shift", 0), score(block, "score_mean", 0), score(block, "score_std", 1)));
    }

    private double score(JsonNode block, String key, double defaultValue) {
        JsonNode value = block.path(key);
        if (value.isMissingNode()) {
            return defaultValue;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(OURS + "." + key, value, "a finite number");
        }
        return value.doubleValue();
    }

    /** A copy with our block's score statistics set. */
    public HuggingFaceConfig withScoreStatistics(ScoreStatistics statistics) {
        HuggingFaceConfig copy = copy();
        copy.block().setAll(statistics.toJson());
        return copy;
    }

    /** Our block, which is made where there is none. */
    private ObjectNode block() {
        return tree.path(OURS) instanceof ObjectNode object ? object : tree.putObject(OURS);
    }

    /** What a process reward model has after each step, where it was trained here. */
    public Optional<String> stepSeparator() {
        JsonNode value = tree.path(OURS).path(STEP_SEPARATOR);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /** A copy with our block's step separator set. */
    public HuggingFaceConfig withStepSeparator(String separator) {
        HuggingFaceConfig copy = copy();
        copy.block().put(STEP_SEPARATOR, separator);
        return copy;
    }

    /**
     * A copy as a reward model: the family's {@code ...ForSequenceClassification} with one label.
     *
     * @param architecture for example {@code LlamaForSequenceClassification}
     */
    public HuggingFaceConfig withScalarHead(String architecture) {
        HuggingFaceConfig copy = copy();
        copy.tree.putArray("architectures").add(architecture);
        copy.tree.remove("num_labels"); // transformers writes id2label instead
        copy.tree.putObject("id2label").put("0", "LABEL_0");
        copy.tree.putObject("label2id").put("LABEL_0", 0);
        return copy;
    }

    /**
     * A copy as a process reward model: the family's {@code ...ForTokenClassification} with two labels.
     *
     * @param architecture for example {@code LlamaForTokenClassification}
     */
    public HuggingFaceConfig withLabelsHead(String architecture) {
        HuggingFaceConfig copy = copy();
        copy.tree.putArray("architectures").add(architecture);
        copy.tree.remove(List.of("num_labels", OURS));
        copy.tree.putObject("id2label").put("0", "LABEL_0").put("1", "LABEL_1");
        copy.tree.putObject("label2id").put("LABEL_0", 0).put("LABEL_1", 1);
        return copy;
    }

    /** A copy as a language model, without labels or score statistics. */
    public HuggingFaceConfig withLanguageModelHead(String architecture) {
        HuggingFaceConfig copy = copy();
        copy.tree.putArray("architectures").add(architecture);
        copy.tree.remove(List.of("num_labels", "id2label", "label2id", OURS));
        return copy;
    }

    /** A copy with the key set to a whole number. */
    public HuggingFaceConfig with(String key, long value) {
        HuggingFaceConfig copy = copy();
        copy.tree.put(key, value);
        return copy;
    }

    /** A copy with the key set to a number. */
    public HuggingFaceConfig with(String key, double value) {
        HuggingFaceConfig copy = copy();
        copy.tree.put(key, value);
        return copy;
    }

    /** A copy with the key set to true or false. */
    public HuggingFaceConfig with(String key, boolean value) {
        HuggingFaceConfig copy = copy();
        copy.tree.put(key, value);
        return copy;
    }

    /** A copy with the key set to a text. */
    public HuggingFaceConfig with(String key, String value) {
        HuggingFaceConfig copy = copy();
        copy.tree.put(key, value);
        return copy;
    }

    /** A copy with the key set to a tree. */
    public HuggingFaceConfig with(String key, JsonNode value) {
        HuggingFaceConfig copy = copy();
        copy.tree.set(key, value.deepCopy());
        return copy;
    }

    /** A copy that states the type of the weights, under the name or names that the file uses. */
    public HuggingFaceConfig withDtype(FloatType type) {
        String name = switch (type) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
        };
        HuggingFaceConfig copy = copy();
        if (copy.has("torch_dtype") || !copy.has("dtype")) {
            copy.tree.put("torch_dtype", name);
        }
        if (copy.has("dtype")) {
            copy.tree.put("dtype", name);
        }
        return copy;
    }

    private HuggingFaceConfig copy() {
        return new HuggingFaceConfig(source, tree.deepCopy());
    }

    private JsonNode required(String key, String must) {
        if (!has(key)) {
            throw new UserError(source + ": " + key + " is missing: it must be " + must);
        }
        return tree.get(key);
    }

    private UserError wrong(String key, JsonNode value, String must) {
        return new UserError(source + ": " + key + " is " + value + ", but must be " + must);
    }
}
