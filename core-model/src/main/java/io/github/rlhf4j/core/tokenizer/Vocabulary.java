package io.github.rlhf4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Tokens and ids of a tokenizer.json: those of its model, and those added to it. */
final class Vocabulary {
    private final Map<String, Integer> modelIds = new HashMap<>();
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final BitSet special = new BitSet();
    private String[] tokens = new String[0];
    private int size;
    private int modelSize; // tokens of the model, without those added
    private int largestAdded = -1;

    Vocabulary(TokenizerFiles files) {
        JsonNode vocab = files.tokenizer().path("model").path("vocab");
        if (vocab.isObject()) {
            for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
                put(files, modelIds, entry.getKey(), entry.getValue().asInt(-1));
            }
        } else {
            for (int id = 0; id < vocab.size(); id++) { // Unigram: a list of [piece, score]
                put(files, modelIds, vocab.get(id).path(0).asText(), id);
            }
        }
        modelSize = vocab.size();
        if (modelIds.isEmpty()) {
            throw new UserError(files.directory().resolve("tokenizer.json")
                    + " has no vocabulary that is understood: model.vocab must be an object or a list");
        }
        for (JsonNode token : files.addedTokens()) {
            int id = idOfAdded(token.path("content").asText(), token.path("id").asInt(-1));
            put(files, addedIds, token.path("content").asText(), id);
            largestAdded = Math.max(largestAdded, id);
            special.set(id, token.path("special").asBoolean());
        }
        declareNamedTokens(files);
    }

    /** The id that the library gives an added token: its own in the model's vocabulary, else the next that is free, whatever the file says. */
    private int idOfAdded(String content, int given) {
        if (given < 0 || content.isEmpty()) {
            return given;
        }
        Integer known = modelIds.getOrDefault(content, addedIds.get(content));
        if (known != null) {
            return known;
        }
        return Math.max(largestAdded + 1, modelSize);
    }

    /** Special tokens that only tokenizer_config.json names are special all the same, as in transformers. */
    private void declareNamedTokens(TokenizerFiles files) {
        for (String key : new String[] {"bos_token", "eos_token", "unk_token", "pad_token"}) {
            files.specialToken(key).ifPresent(token -> declareSpecial(files.addedTokens(), token));
        }
        files.additionalSpecialTokens().forEach(token -> declareSpecial(files.addedTokens(), token));
    }

    private void declareSpecial(ArrayNode addedTokens, String token) {
        Integer id = modelIds.get(token);
        if (id == null || addedIds.containsKey(token)) {
            return;
        }
        addedIds.put(token, id);
        special.set(id);
        ObjectNode declaration = addedTokens.addObject();
        declaration.put("id", id).put("content", token).put("special", true);
        declaration
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false);
    }

    private void put(TokenizerFiles files, Map<String, Integer> ids, String token, int id) {
        if (id < 0 || id > 50_000_000) {
            throw new UserError(files.directory().resolve("tokenizer.json") + " gives token \"" + token
                    + "\" no id that is a whole number >= 0");
        }
        if (id >= tokens.length) {
            int length = tokens.length;
            tokens = Arrays.copyOf(tokens, Math.max(id + 1, 2 * length));
            Arrays.fill(tokens, length, tokens.length, "");
        }
        tokens[id] = token;
        size = Math.max(size, id + 1);
        ids.put(token, id);
    }

    int size() {
        return size;
    }

    String token(int id) {
        if (id < 0) {
            throw new IllegalArgumentException("token id must be >= 0, but is " + id);
        }
        return id < size ? tokens[id] : "";
    }

    OptionalInt id(String token) {
        Integer id = addedIds.getOrDefault(token, modelIds.get(token));
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    boolean isSpecial(int id) {
        return id >= 0 && special.get(id);
    }
}
