package io.github.rlhf4j.core.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A trained byte-level BPE tokenizer, which becomes usable by being written: tokenizer.json and tokenizer_config.json
 * as Python's tokenizers and transformers read them. {@code <s>} begins every text, {@code </s>} is the end token.
 */
public final class BpeTokenizerFiles {
    static final String BOS = "<s>";
    static final String EOS = "</s>";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<String> tokens;
    private final int specialTokens;
    private final List<Merge> merges;

    /** Two tokens that are joined, in the vocabulary's spelling. */
    record Merge(String left, String right) {}

    BpeTokenizerFiles(List<String> tokens, int specialTokens, List<Merge> merges) {
        this.tokens = List.copyOf(tokens);
        this.specialTokens = specialTokens;
        this.merges = List.copyOf(merges);
    }

    /** Tokens in all, special ones and bytes included. */
    public int vocabSize() {
        return tokens.size();
    }

    /** Writes tokenizer.json and tokenizer_config.json, with a Jinja chat template if one is given. */
    public void writeTo(Path directory, Optional<String> chatTemplate) {
        AtomicFiles.writeString(directory.resolve("tokenizer.json"), text(tokenizer()));
        ObjectNode config = MAPPER.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("bos_token", BOS).put("eos_token", EOS);
        config.put("clean_up_tokenization_spaces", false);
        chatTemplate.ifPresent(template -> config.put("chat_template", template));
        AtomicFiles.writeString(directory.resolve("tokenizer_config.json"), text(config));
    }

    private ObjectNode tokenizer() {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < specialTokens; id++) {
            ObjectNode token = added.addObject().put("id", id).put("content", tokens.get(id));
            token.put("single_word", false).put("lstrip", false).put("rstrip", false);
            token.put("normalized", false).put("special", true);
        }
        root.putNull("normalizer");
        root.set("pre_tokenizer", byteLevel());
        root.set("post_processor", beginsWithBos());
        root.set("decoder", byteLevel());
        root.set("model", model());
        return root;
    }

    private static ObjectNode byteLevel() {
        ObjectNode node = MAPPER.createObjectNode().put("type", "ByteLevel");
        return node.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
    }

    private ObjectNode beginsWithBos() {
        ObjectNode node = MAPPER.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = node.putArray("single");
        addPart(single, "SpecialToken", BOS, 0);
        addPart(single, "Sequence", "A", 0);
        ArrayNode pair = node.putArray("pair");
        addPart(pair, "SpecialToken", BOS, 0);
        addPart(pair, "Sequence", "A", 0);
        addPart(pair, "SpecialToken", BOS, 1);
        addPart(pair, "Sequence", "B", 1);
        ObjectNode bos = node.putObject("special_tokens").putObject(BOS).put("id", BOS);
        bos.putArray("ids").add(tokens.indexOf(BOS));
        bos.putArray("tokens").add(BOS);
        return node;
    }

    private static void addPart(ArrayNode parts, String type, String id, int typeId) {
        parts.addObject().putObject(type).put("id", id).put("type_id", typeId);
    }

    private ObjectNode model() {
        ObjectNode model = MAPPER.createObjectNode().put("type", "BPE");
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocab = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocab.put(tokens.get(id), id);
        }
        ArrayNode list = model.putArray("merges");
        merges.forEach(merge -> list.add(merge.left() + " " + merge.right()));
        return model;
    }

    private static String text(JsonNode node) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter()
                            .writeValueAsString(node)
                            .replace("\r\n", "\n") + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
