package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tokenizer of a file's metadata as tokenizer.json, tokenizer_config.json and chat templates. */
final class TokenizerFromGguf {
    private static final String MODEL = "tokenizer.ggml.model";
    private static final String PRE = "tokenizer.ggml.pre";
    private static final int MOST_TOKENS = 1 << 23;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final double[] types;
    private final JsonNodeFactory nodes = JsonNodeFactory.instance;

    TokenizerFromGguf(GgufMetadata metadata) {
        this.metadata = metadata;
        tokens = metadata.textsIfThere("tokenizer.ggml.tokens")
                .filter(list -> !list.isEmpty() && list.size() <= MOST_TOKENS)
                .orElseThrow(() -> wrong(
                        "tokenizer.ggml.tokens",
                        "must be a list of tokens: a file without a tokenizer cannot be used"));
        types = metadata.numbersIfThere("tokenizer.ggml.token_type").orElse(new double[0]);
        if (types.length != 0 && types.length != tokens.size()) {
            throw wrong("tokenizer.ggml.token_type", "must have as many values as there are tokens");
        }
    }

    private UserError wrong(String key, String must) {
        return new UserError(metadata.source() + ": " + key + " " + must);
    }

    /** Writes the files into a folder. */
    void write(Path folder) throws IOException {
        String model = metadata.text(MODEL);
        ObjectNode json = switch (model) {
            case "gpt2" -> byteLevel();
            case "llama" -> sentencePieces();
            default ->
                throw wrong(
                        MODEL,
                        "is \"" + Printable.line(model) + "\", which is not supported: it must be gpt2"
                                + " (byte-level BPE) or llama (SentencePiece)");
        };
        Files.writeString(folder.resolve("tokenizer.json"), MAPPER.writeValueAsString(json) + "\n");
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tokenizerConfig()) + "\n");
        writeTemplates(folder);
    }

    private TokenType type(int id) {
        return types.length == 0 ? TokenType.NORMAL : TokenType.of(types[id]);
    }

    private ObjectNode root() {
        ObjectNode root = nodes.objectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < tokens.size(); id++) {
            TokenType type = type(id);
            boolean isSpecial = type == TokenType.CONTROL || type == TokenType.UNKNOWN;
            if (isSpecial || type == TokenType.USER_DEFINED) {
                ObjectNode token = added.addObject().put("id", id).put("content", tokens.get(id));
                token.put("single_word", false).put("lstrip", false).put("rstrip", false);
                token.put("normalized", false).put("special", isSpecial);
            }
        }
        return root;
    }

    private ObjectNode byteLevel() {
        String name = metadata.textIfThere(PRE).orElse("default");
        PreTokenizer pre = PreTokenizers.named(name)
                .orElseThrow(() -> wrong(
                        PRE,
                        "is \"" + Printable.line(name) + "\", which is not supported: it must be one of "
                                + PreTokenizers.names()));
        ObjectNode root = root();
        pre.normalizer()
                .ifPresentOrElse(
                        normalizer -> root.putObject("normalizer").put("type", normalizer),
                        () -> root.putNull("normalizer"));
        root.set("pre_tokenizer", pre.toJson());
        root.set("post_processor", postProcessor(pre.addBos()));
        root.set("decoder", PreTokenizer.byteLevel(true));
        ObjectNode model = model(root, vocabulary(), merges());
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", pre.ignoreMerges());
        return root;
    }

    private ObjectNode model(ObjectNode root, ObjectNode vocabulary, ArrayNode merges) {
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.set("vocab", vocabulary);
        model.set("merges", merges);
        return model;
    }

    /** All but unused tokens, each under its first id. */
    private ObjectNode vocabulary() {
        ObjectNode vocabulary = nodes.objectNode();
        for (int id = 0; id < tokens.size(); id++) {
            if (type(id) != TokenType.UNUSED && !vocabulary.has(tokens.get(id))) {
                vocabulary.put(tokens.get(id), id);
            }
        }
        return vocabulary;
    }

    private ArrayNode merges() {
        ArrayNode merges = nodes.arrayNode();
        for (String merge : metadata.textsIfThere("tokenizer.ggml.merges")
                .orElseThrow(() -> wrong("tokenizer.ggml.merges", "is missing"))) {
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1) {
                throw wrong("tokenizer.ggml.merges", "has \"" + Printable.line(merge) + "\", but must have two tokens");
            }
            merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
        }
        return merges;
    }

    private ObjectNode sentencePieces() {
        ObjectNode root = root();
        boolean addsSpace =
                metadata.flagIfThere("tokenizer.ggml.add_space_prefix").orElse(true);
        root.set("normalizer", normalizer(addsSpace));
        root.putNull("pre_tokenizer");
        root.set("post_processor", postProcessor(true));
        root.set("decoder", decoder(addsSpace));
        ObjectNode model = model(root, vocabulary(), new SentencePieceMerges(tokens, this::type, scores()).toJson());
        unknown().ifPresent(token -> model.put("unk_token", token));
        model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
        return root;
    }

    private double[] scores() {
        double[] scores = metadata.numbersIfThere("tokenizer.ggml.scores").orElse(new double[tokens.size()]);
        if (scores.length != tokens.size()) {
            throw wrong("tokenizer.ggml.scores", "must have as many values as there are tokens");
        }
        return scores;
    }

    private Optional<String> unknown() {
        for (int id = 0; id < tokens.size(); id++) {
            if (type(id) == TokenType.UNKNOWN) {
                return Optional.of(tokens.get(id));
            }
        }
        return id("unknown").map(tokens::get);
    }

    private ObjectNode normalizer(boolean addsSpace) {
        ObjectNode sequence = nodes.objectNode().put("type", "Sequence");
        ArrayNode parts = sequence.putArray("normalizers");
        if (addsSpace) {
            parts.addObject().put("type", "Prepend").put("prepend", SentencePieceMerges.SPACE);
        }
        ObjectNode replace = parts.addObject().put("type", "Replace");
        replace.putObject("pattern").put("String", " ");
        replace.put("content", SentencePieceMerges.SPACE);
        return sequence;
    }

    private ObjectNode decoder(boolean addsSpace) {
        ObjectNode sequence = nodes.objectNode().put("type", "Sequence");
        ArrayNode parts = sequence.putArray("decoders");
        ObjectNode replace = parts.addObject().put("type", "Replace");
        replace.putObject("pattern").put("String", SentencePieceMerges.SPACE);
        replace.put("content", " ");
        parts.addObject().put("type", "ByteFallback");
        parts.addObject().put("type", "Fuse");
        if (addsSpace) {
            parts.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
        return sequence;
    }

    /** Begin and end token around a text, where the file says so. */
    private ObjectNode postProcessor(boolean addsBos) {
        ObjectNode template = nodes.objectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ArrayNode pair = template.putArray("pair");
        ObjectNode special = nodes.objectNode();
        Optional<Integer> bos =
                metadata.flagIfThere("tokenizer.ggml.add_bos_token").orElse(addsBos) ? id("bos") : Optional.empty();
        Optional<Integer> eos =
                metadata.flagIfThere("tokenizer.ggml.add_eos_token").orElse(false) ? id("eos") : Optional.empty();
        for (String text : List.of("A", "B")) {
            int typeId = text.equals("A") ? 0 : 1;
            List<ArrayNode> into = typeId == 0 ? List.of(single, pair) : List.of(pair);
            for (ArrayNode parts : into) {
                bos.ifPresent(id -> addSpecial(parts, id, typeId, special));
                parts.addObject().putObject("Sequence").put("id", text).put("type_id", typeId);
                eos.ifPresent(id -> addSpecial(parts, id, typeId, special));
            }
        }
        template.set("special_tokens", special);
        return template;
    }

    private void addSpecial(ArrayNode parts, int id, int typeId, ObjectNode special) {
        String token = tokens.get(id);
        parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", typeId);
        ObjectNode declaration = special.putObject(token).put("id", token);
        declaration.putArray("ids").add(id);
        declaration.putArray("tokens").add(token);
    }

    /** The id of a special token, which must be one. */
    private Optional<Integer> id(String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        Optional<Integer> id =
                metadata.integerIfThere(key, -1, Integer.MAX_VALUE).filter(given -> given >= 0);
        id.filter(given -> given >= tokens.size()).ifPresent(given -> {
            throw wrong(key, "is " + given + ", but there are " + tokens.size() + " tokens");
        });
        return id;
    }

    /** The ids of tokens that end a text. */
    List<Integer> stopIds() {
        List<Integer> ids = new ArrayList<>();
        for (String name : List.of("eos", "eot", "eom")) {
            id(name).filter(id -> !ids.contains(id)).ifPresent(ids::add);
        }
        return ids;
    }

    Optional<Integer> bosId() {
        return id("bos");
    }

    Optional<Integer> padId() {
        return id("padding");
    }

    private ObjectNode tokenizerConfig() {
        ObjectNode config = nodes.objectNode().put("tokenizer_class", "PreTrainedTokenizerFast");
        for (List<String> name : List.of(
                List.of("bos", "bos_token"),
                List.of("eos", "eos_token"),
                List.of("unknown", "unk_token"),
                List.of("padding", "pad_token"))) {
            id(name.get(0)).ifPresent(id -> config.put(name.get(1), tokens.get(id)));
        }
        metadata.integerIfThere(metadata.textIfThere("general.architecture").orElse("") + ".context_length", 1, 1 << 28)
                .ifPresent(context -> config.put("model_max_length", context));
        return config.put("clean_up_tokenization_spaces", false);
    }

    private void writeTemplates(Path folder) throws IOException {
        Optional<String> template = metadata.textIfThere("tokenizer.chat_template");
        if (template.isPresent()) {
            Files.writeString(folder.resolve("chat_template.jinja"), template.get(), StandardCharsets.UTF_8);
        }
        String prefix = "tokenizer.chat_template.";
        for (String key : metadata.keys().stream().sorted().toList()) {
            String name = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
            if (name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")) {
                Path others = Files.createDirectories(folder.resolve("additional_chat_templates"));
                Files.writeString(others.resolve(name + ".jinja"), metadata.text(key), StandardCharsets.UTF_8);
            }
        }
    }
}
