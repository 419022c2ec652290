package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How texts are cut before byte pairs are merged.
 *
 * @param names llama.cpp's in {@code tokenizer.ggml.pre}, all of which cut alike
 * @param splits regular expressions, each of which cuts the pieces of the one before into its matches and what is between
 * @param ignoreMerges whether a piece that is a token is one whatever the merges are
 * @param addBos whether llama.cpp begins texts with the begin token where a file says nothing
 * @param normalizer of Hugging Face's, which llama.cpp leaves out
 */
record PreTokenizer(
        List<String> names, List<String> splits, boolean ignoreMerges, boolean addBos, Optional<String> normalizer) {
    /** What Hugging Face's ByteLevel cuts by. */
    static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    static final String DIGIT = "\\p{N}";

    PreTokenizer {
        names = List.copyOf(names);
        splits = List.copyOf(splits);
    }

    static PreTokenizer of(JsonNode row) {
        List<String> names = new ArrayList<>();
        row.path("names").forEach(name -> names.add(name.textValue()));
        List<String> splits = new ArrayList<>();
        row.path("splits").forEach(split -> splits.add(split.textValue()));
        return new PreTokenizer(
                names,
                splits,
                row.path("ignore_merges").asBoolean(false),
                row.path("add_bos").asBoolean(false),
                Optional.ofNullable(row.path("normalizer").textValue()));
    }

    /** As Hugging Face's tokenizer.json has it. */
    ObjectNode toJson() {
        boolean endsWithGpt2 = splits.get(splits.size() - 1).equals(GPT2);
        List<String> first = endsWithGpt2 ? splits.subList(0, splits.size() - 1) : splits;
        ObjectNode byteLevel = byteLevel(endsWithGpt2);
        if (first.isEmpty()) {
            return byteLevel;
        }
        ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        ArrayNode parts = sequence.putArray("pretokenizers");
        first.forEach(split -> parts.add(part(split)));
        parts.add(byteLevel);
        return sequence;
    }

    private static ObjectNode part(String split) {
        ObjectNode part = JsonNodeFactory.instance.objectNode();
        if (split.equals(DIGIT)) {
            return part.put("type", "Digits").put("individual_digits", true);
        }
        part.put("type", "Split").putObject("pattern").put("Regex", split);
        return part.put("behavior", "Isolated").put("invert", false);
    }

    static ObjectNode byteLevel(boolean cuts) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", cuts);
    }

    /** What a tokenizer.json cuts by; empty where it is of another form. */
    static Optional<List<String>> splits(JsonNode preTokenizer) {
        List<String> splits = new ArrayList<>();
        List<JsonNode> parts = new ArrayList<>();
        if (preTokenizer.path("type").asText().equals("Sequence")) {
            preTokenizer.path("pretokenizers").forEach(parts::add);
        } else {
            parts.add(preTokenizer);
        }
        boolean hasBytes = false;
        for (JsonNode part : parts) {
            Optional<String> split = split(part);
            if (split.isEmpty()) {
                return Optional.empty();
            }
            hasBytes |= part.path("type").asText().equals("ByteLevel");
            split.filter(each -> !each.isEmpty()).ifPresent(splits::add);
        }
        return hasBytes ? Optional.of(splits) : Optional.empty();
    }

    private static Optional<String> split(JsonNode part) {
        return switch (part.path("type").asText()) {
            case "ByteLevel" ->
                part.path("add_prefix_space").asBoolean(true)
                        ? Optional.empty()
                        : Optional.of(part.path("use_regex").asBoolean(true) ? GPT2 : "");
            case "Digits" -> Optional.of(part.path("individual_digits").asBoolean(false) ? DIGIT : DIGIT + "+");
            case "Split" ->
                isCut(part)
                        ? Optional.ofNullable(part.path("pattern").path("Regex").textValue())
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** Matches on their own; or only matches, where expressions match everything. */
    private static boolean isCut(JsonNode part) {
        String behaviour = part.path("behavior").asText();
        boolean isInverted = part.path("invert").asBoolean(false);
        return behaviour.equals("Isolated") ? !isInverted : behaviour.equals("Removed") && isInverted;
    }
}
