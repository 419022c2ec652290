package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** A tokenizer.json as metadata: byte-level BPE as llama.cpp's {@code gpt2}, BPE with bytes to fall back to as its {@code llama}. */
final class TokenizerToGguf {
    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
    private static final double ADDED_SCORE = -1000;

    private final Path folder;
    private final JsonNode json;
    private final HuggingFaceTokenizer tokenizer;
    private final int rows;
    private final GgufMetadata metadata;
    private final Map<String, Boolean> added = new LinkedHashMap<>(); // text to whether it is special

    /**
     * @param json tokenizer.json
     * @param rows of the model's embedding
     */
    TokenizerToGguf(Path folder, JsonNode json, HuggingFaceTokenizer tokenizer, int rows, GgufMetadata metadata) {
        this.folder = folder;
        this.json = json;
        this.tokenizer = tokenizer;
        this.rows = rows;
        this.metadata = metadata;
        json.path("added_tokens")
                .forEach(token -> added.put(
                        token.path("content").asText(), token.path("special").asBoolean()));
    }

    void write() {
        JsonNode model = json.path("model");
        boolean isBpe =
                model.path("type").asText(model.has("merges") ? "BPE" : "").equals("BPE");
        if (!isBpe || !isEmpty(model, "continuing_subword_prefix") || !isEmpty(model, "end_of_word_suffix")) {
            throw unsupported("it is no byte-level BPE and none with bytes to fall back to ("
                    + model.path("type").asText("BPE") + ")");
        }
        if (model.path("byte_fallback").asBoolean(false)) {
            writeSentencePieces(model);
        } else {
            writeByteLevel(model);
        }
        writeSpecialTokens();
        writeTemplates();
    }

    private static boolean isEmpty(JsonNode model, String key) {
        return model.path(key).asText("").isEmpty() || model.path(key).isNull();
    }

    private UserError unsupported(String why) {
        return new UserError("the tokenizer of " + folder + " cannot be written as GGUF: " + why);
    }

    private void writeByteLevel(JsonNode model) {
        String normalizer = json.path("normalizer").path("type").asText("");
        boolean isPlain = json.path("normalizer").isNull()
                || json.path("normalizer").isMissingNode()
                || normalizer.equals("NFC")
                || (normalizer.equals("Sequence")
                        && json.path("normalizer").path("normalizers").isEmpty());
        if (!isPlain) {
            throw unsupported("llama.cpp knows no normaliser (" + normalizer + ") in front of byte-level BPE");
        }
        String pre = PreTokenizers.nameOf(tokenizer, json)
                .orElseThrow(() -> unsupported("llama.cpp knows no such pre_tokenizer"));
        metadata.putText("tokenizer.ggml.model", "gpt2");
        metadata.putText("tokenizer.ggml.pre", pre);
        writeTokens(Map.of(), false);
        List<String> merges = new ArrayList<>();
        model.path("merges").forEach(merge -> merges.add(merge(merge)));
        metadata.putTexts("tokenizer.ggml.merges", merges);
    }

    /** Spaces within a token, which newer files may have, as byte-level BPE writes them. */
    private static String merge(JsonNode merge) {
        return merge.isTextual()
                ? merge.textValue()
                : merge.path(0).asText().replace(' ', '\u0120') + " "
                        + merge.path(1).asText().replace(' ', '\u0120');
    }

    private void writeSentencePieces(JsonNode model) {
        Map<String, Double> scores = new HashMap<>();
        int rank = 0;
        for (JsonNode merge : model.path("merges")) {
            String merged = merge.isTextual()
                    ? merge.textValue().replace(" ", "")
                    : merge.path(0).asText() + merge.path(1).asText();
            scores.putIfAbsent(merged, (double) -rank++);
        }
        metadata.putText("tokenizer.ggml.model", "llama");
        metadata.putText("tokenizer.ggml.pre", "default");
        writeTokens(scores, true);
        metadata.putFlag("tokenizer.ggml.add_space_prefix", addsSpace());
    }

    private boolean addsSpace() {
        JsonNode normalizer = json.path("normalizer");
        List<JsonNode> parts = new ArrayList<>(List.of(normalizer, json.path("pre_tokenizer")));
        normalizer.path("normalizers").forEach(parts::add);
        json.path("pre_tokenizer").path("pretokenizers").forEach(parts::add);
        return parts.stream().anyMatch(part -> switch (part.path("type").asText()) {
            case "Prepend" -> part.path("prepend").asText().equals(SentencePieceMerges.SPACE);
            case "Metaspace" ->
                part.has("prepend_scheme")
                        ? !part.path("prepend_scheme").asText().equals("never")
                        : part.path("add_prefix_space").asBoolean(true);
            default -> false;
        });
    }

    /** As many as the model has rows; those that the tokenizer lacks are unused. */
    private void writeTokens(Map<String, Double> mergedScores, boolean isSentencePiece) {
        List<String> tokens = new ArrayList<>();
        double[] types = new double[rows];
        double[] scores = new double[rows];
        for (int id = 0; id < rows; id++) {
            String token = id < tokenizer.vocabSize() ? tokenizer.token(id) : "";
            TokenType type = token.isEmpty() ? TokenType.UNUSED : type(token, id, isSentencePiece);
            types[id] = type.id();
            scores[id] = switch (type) {
                case NORMAL -> mergedScores.getOrDefault(token, (double) -mergedScores.size());
                case BYTE -> 0;
                default -> ADDED_SCORE;
            };
            String text = type == TokenType.UNUSED ? "[PAD" + id + "]" : token;
            tokens.add(type == TokenType.USER_DEFINED ? text.replace(SentencePieceMerges.SPACE, " ") : text);
        }
        metadata.putTexts("tokenizer.ggml.tokens", tokens);
        if (isSentencePiece) {
            metadata.putFloats("tokenizer.ggml.scores", scores);
        }
        metadata.putInts("tokenizer.ggml.token_type", types);
    }

    private TokenType type(String token, int id, boolean isSentencePiece) {
        if (isSentencePiece && BYTE.matcher(token).matches()) {
            return TokenType.BYTE;
        }
        if (isSentencePiece && tokenizer.unkId().equals(OptionalInt.of(id))) {
            return TokenType.UNKNOWN;
        }
        if (!added.containsKey(token) && !tokenizer.isSpecial(id)) {
            return TokenType.NORMAL;
        }
        return tokenizer.isSpecial(id) || looksSpecial(token) ? TokenType.CONTROL : TokenType.USER_DEFINED;
    }

    /** Some models declare tokens of their format as ordinary ones: as llama.cpp's script has it. */
    private static boolean looksSpecial(String token) {
        return List.of("<pad>", "<mask>", "<2mass>", "[@BOS@]").contains(token)
                || (token.startsWith("<|") && token.endsWith("|>"))
                || (token.startsWith("<\uff5c") && token.endsWith("\uff5c>"))
                || (token.startsWith("<unused") && token.endsWith(">"));
    }

    private void writeSpecialTokens() {
        int[] stops = tokenizer.stopIds();
        putId("bos", tokenizer.bosId());
        putId("eos", stops.length > 0 ? OptionalInt.of(stops[0]) : OptionalInt.empty());
        putId("eot", stops.length > 1 ? OptionalInt.of(stops[1]) : OptionalInt.empty());
        putId("eom", stops.length > 2 ? OptionalInt.of(stops[2]) : OptionalInt.empty());
        putId("unknown", tokenizer.unkId());
        putId("padding", tokenizer.padId());
        int[] ids = tokenizer.encode("a", true);
        boolean begins = ids.length > 0 && tokenizer.bosId().equals(OptionalInt.of(ids[0]));
        boolean ends = ids.length > 0 && stops.length > 0 && ids[ids.length - 1] == stops[0];
        metadata.putFlag("tokenizer.ggml.add_bos_token", begins);
        metadata.putFlag("tokenizer.ggml.add_eos_token", ends);
    }

    private void putId(String name, OptionalInt id) {
        if (id.isPresent() && id.getAsInt() < rows) {
            metadata.putInt("tokenizer.ggml." + name + "_token_id", id.getAsInt());
        }
    }

    private void writeTemplates() {
        Map<String, String> templates = tokenizer.chatTemplates();
        List<String> others = new ArrayList<>();
        templates.forEach((name, template) -> {
            if (name.equals("default")) {
                metadata.putText("tokenizer.chat_template", template);
            } else {
                others.add(name);
                metadata.putText("tokenizer.chat_template." + name, template);
            }
        });
        if (!others.isEmpty()) {
            metadata.putTexts("tokenizer.chat_templates", others);
        }
    }
}
