package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Adapters from and to peft's files. */
final class AdapterFiles {
    /** Keys of adapter_config.json that make another adapter than {@link LoraConfig}'s, where they have another value than these. */
    private static final Map<String, List<String>> PLAIN = Map.ofEntries(
            Map.entry("peft_type", List.of("LORA")),
            Map.entry("bias", List.of("none")),
            Map.entry("lora_bias", List.of("false")),
            Map.entry("init_lora_weights", List.of("true", "false", "gaussian", "pissa", "olora", "eva", "loftq")),
            Map.entry("rank_pattern", List.of("{}")),
            Map.entry("alpha_pattern", List.of("{}")),
            Map.entry("target_parameters", List.of()),
            Map.entry("trainable_token_indices", List.of()),
            Map.entry("layer_replication", List.of()),
            Map.entry("alora_invocation_tokens", List.of()),
            Map.entry("use_qalora", List.of("false")),
            Map.entry("use_bdlora", List.of()),
            Map.entry("arrow_config", List.of()),
            Map.entry("kasa_config", List.of()),
            Map.entry("velora_config", List.of()),
            Map.entry("monteclora_config", List.of()));

    private static final int LARGEST_RANK = 1 << 20;

    private final Path file;
    private final ObjectNode json;

    private AdapterFiles(Path file, ObjectNode json) {
        this.file = file;
        this.json = json;
    }

    /**
     * Reads an adapter for a model. Which modules have one, its tensors say: however target_modules has chosen them.
     *
     * @throws UserError where it does not fit
     */
    static Adapter read(Path directory, Transformer model) {
        try (PlainAdapter files = PlainAdapter.open(directory, model.config())) {
            SafetensorsReader reader = files.weights();
            Contents contents = Contents.of(directory, files, model.config(), model.heads());
            AdapterTensors.requireHead(directory, reader, model);
            Adapter adapter = new Adapter(contents.config, contents.layout, model.kernels());
            try {
                adapter.beginAsParts(model.parameters());
                adapter.parameters().all().forEach(parameter -> ParameterFiles.read(reader, parameter));
                return adapter;
            } catch (RuntimeException e) {
                adapter.close();
                throw e;
            }
        }
    }

    /** What the folder says, checked as {@link #read} does. */
    static StoredAdapter look(Path directory, ModelConfig model, Set<Head> heads) {
        try (PlainAdapter files = PlainAdapter.open(directory, model)) {
            Contents contents = Contents.of(directory, files, model, heads);
            return new StoredAdapter(
                    contents.config,
                    contents.modules,
                    contents.layout.parameters().size(),
                    AdapterLayout.moduleNames(model, heads));
        }
    }

    /** What is in a folder, its weights left aside. */
    private record Contents(LoraConfig config, Set<String> modules, AdapterLayout layout) {
        static Contents of(Path directory, PlainAdapter files, ModelConfig model, Set<Head> heads) {
            SafetensorsReader reader = files.weights();
            LoraConfig config = new AdapterFiles(files.configFile(), files.config()).config();
            AdapterTensors tensors = new AdapterTensors(directory, reader, model, heads);
            Set<String> modules = tensors.modules();
            config = config.with(tensors.saved(config.saved()));
            AdapterLayout layout = AdapterLayout.of(model, heads, config, modules::contains);
            tensors.requireKnown(layout, config.saved());
            layout.parameters().matrices().forEach(matrix -> check(directory, reader, matrix));
            return new Contents(config, modules, layout);
        }
    }

    private LoraConfig config() {
        PLAIN.forEach(this::requirePlain);
        int r = (int) number("r", 1, LARGEST_RANK);
        double alpha = number("lora_alpha", Double.MIN_NORMAL, Double.MAX_VALUE);
        return new LoraConfig(
                r,
                alpha,
                json.path("use_rslora").asBoolean(false),
                Optional.of(targets()),
                variant(),
                new SavedModules(
                        names("modules_to_save"),
                        json.path("ensure_weight_tying").asBoolean(false)));
    }

    private void requirePlain(String key, List<String> known) {
        JsonNode value = json.path(key);
        boolean isAbsent = value.isMissingNode() || value.isNull() || value.isArray() && value.isEmpty();
        String text = value.isValueNode() ? value.asText() : value.toString();
        if (!isAbsent && !known.contains(text)) {
            throw new UserError("%s: %s is %s, which is not supported: it must be %s"
                    .formatted(file, key, value, known.isEmpty() ? "null" : String.join(" or ", known)));
        }
    }

    private double number(String key, double min, double max) {
        JsonNode value = json.path(key);
        if (!value.isNumber() || value.asDouble() < min || value.asDouble() > max) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: %s must be a number > 0, but is %s",
                    file,
                    key,
                    value.isMissingNode() ? "missing" : value));
        }
        return value.asDouble();
    }

    private LoraVariant variant() {
        double dropout = json.path("lora_dropout").asDouble(0);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new UserError(file + ": lora_dropout must be in [0, 1), but is " + json.path("lora_dropout"));
        }
        String init = json.path("init_lora_weights").asText();
        LoraInit known = Arrays.stream(LoraInit.values())
                .filter(each -> each.configName().equals(init))
                .findFirst()
                .orElse(LoraInit.TRUE);
        return new LoraVariant(dropout, json.path("use_dora").asBoolean(false), known);
    }

    private TargetModules targets() {
        JsonNode targets = json.path("target_modules");
        if (targets.isTextual()) {
            // an expression of Python's may be none of Java's, and only names the modules that the tensors name too
            return new TargetModules(List.of(), Optional.of(targets.asText()));
        }
        List<String> names = names("target_modules");
        return names.isEmpty() ? TargetModules.all() : TargetModules.named(names);
    }

    private List<String> names(String key) {
        List<String> names = new ArrayList<>();
        json.path(key).forEach(name -> names.add(name.asText()));
        return names;
    }

    private static void check(Path directory, SafetensorsReader reader, ParameterLayout.Matrix matrix) {
        for (ParameterLayout.Part part : matrix.parts()) {
            if (!reader.contains(part.name())) {
                throw new UserError(
                        directory + " has no weight " + part.name() + ": an adapter has an A and a B of each module");
            }
            long[] shape = reader.shape(part.name());
            if (!Arrays.equals(shape, matrix.shape(part))) {
                throw new UserError(directory + ": " + part.name() + " has the shape " + Arrays.toString(shape)
                        + ", but r of adapter_config.json and the model make it "
                        + Arrays.toString(matrix.shape(part)));
            }
        }
    }

    /** Writes an adapter, to be read by peft. */
    static void write(Path directory, Adapter adapter, Transformer model, String base) {
        AdapterDirectory.write(
                directory, json(adapter.config().asWritten(), model, base), AdapterTensors.entries(adapter));
    }

    private static ObjectNode json(LoraConfig config, Transformer model, String base) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putNull("auto_mapping");
        json.put("base_model_name_or_path", base);
        json.put("bias", "none");
        json.put("fan_in_fan_out", model.config().family().names().transposed());
        json.put("inference_mode", true);
        if (config.variant().init() == LoraInit.TRUE) {
            json.put("init_lora_weights", true);
        } else {
            json.put("init_lora_weights", config.variant().init().configName());
        }
        if (config.alpha() == Math.rint(config.alpha()) && config.alpha() < Integer.MAX_VALUE) {
            json.put("lora_alpha", (int) config.alpha());
        } else {
            json.put("lora_alpha", config.alpha());
        }
        json.put("lora_bias", false);
        json.put("lora_dropout", config.variant().dropout());
        json.put("ensure_weight_tying", config.saved().tied());
        putNames(json, "modules_to_save", AdapterTensors.savedNames(config.saved()));
        json.put("peft_type", "LORA");
        json.put("r", config.r());
        json.putNull("revision");
        TargetModules targets = config.targetsIn(model.config().family());
        if (targets.expression().isPresent()) {
            json.put("target_modules", targets.expression().get());
        } else {
            putNames(json, "target_modules", targets.names());
        }
        json.put("task_type", model.heads().contains(Head.LANGUAGE) ? "CAUSAL_LM" : "SEQ_CLS");
        json.put("use_dora", config.variant().useDora());
        json.put("use_rslora", config.useRslora());
        return json;
    }

    private static void putNames(ObjectNode json, String key, List<String> names) {
        if (names.isEmpty()) {
            json.putNull(key);
        } else {
            names.forEach(json.putArray(key)::add);
        }
    }
}
