package io.github.rlhf4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What the native library (Hugging Face tokenizers 0.21.4) takes for granted in a tokenizer.json and does not check when it reads one: where it is not so, encoding a text ends the whole
 * process.
 */
final class TokenizerChecks {
    private final Path file;
    private final JsonNode tokenizer;
    private final Vocabulary vocabulary;

    private TokenizerChecks(Path file, JsonNode tokenizer, Vocabulary vocabulary) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /** @throws UserError that names the part which is wrong */
    static void check(TokenizerFiles files, Vocabulary vocabulary) {
        TokenizerChecks checks =
                new TokenizerChecks(files.directory().resolve("tokenizer.json"), files.tokenizer(), vocabulary);
        checks.normalizer(files.tokenizer().path("normalizer"));
        checks.postProcessor(files.tokenizer().path("post_processor"));
        checks.decoder(files.tokenizer().path("decoder"));
        checks.merges();
    }

    private UserError wrong(String what) {
        return new UserError(file + " is damaged: " + what + "; fetch it again");
    }

    private void normalizer(JsonNode normalizer) {
        normalizer.path("normalizers").forEach(this::normalizer);
        if (normalizer.has("precompiled_charsmap")) {
            try {
                CharacterMap.check(normalizer.path("precompiled_charsmap").asText());
            } catch (IllegalArgumentException e) {
                throw wrong("precompiled_charsmap is no map of characters (" + e.getMessage() + ")");
            }
        }
    }

    private void postProcessor(JsonNode processor) {
        processor.path("processors").forEach(this::postProcessor);
        if (processor.has("single") || processor.has("pair")) { // a template, whatever type it names
            JsonNode special = processor.path("special_tokens");
            for (JsonNode token : special) {
                token.path("ids").forEach(this::requireId);
                if (token.path("ids").size() != token.path("tokens").size()) {
                    throw wrong("post_processor.special_tokens has a token with "
                            + token.path("ids").size() + " ids and "
                            + token.path("tokens").size() + " texts");
                }
            }
            template(processor.path("single"), special, false);
            template(processor.path("pair"), special, true);
        }
        requireId(processor.path("sep").path(1));
        requireId(processor.path("cls").path(1));
    }

    /** The parts of a template: texts A and B, which must be there, and special tokens, which must be declared. */
    private void template(JsonNode parts, JsonNode special, boolean isPair) {
        for (JsonNode part : parts) {
            String token = part.path("SpecialToken").path("id").asText("");
            if (part.has("SpecialToken") && !special.has(token)) {
                throw wrong("post_processor.special_tokens does not have \"" + token + "\", which its template names");
            }
            if (part.path("Sequence").path("id").asText("").equals("B") && !isPair) {
                throw wrong("post_processor.single names a second text");
            }
        }
    }

    private void requireId(JsonNode id) {
        if (id.isIntegralNumber() && (id.longValue() < 0 || id.longValue() >= vocabulary.size())) {
            throw wrong("post_processor adds id " + id + ", but the vocabulary has " + vocabulary.size() + " tokens");
        }
    }

    /** Cuts at the end of a token underflow where it has fewer characters. */
    private void decoder(JsonNode decoder) {
        decoder.path("decoders").forEach(this::decoder);
        if (decoder.path("stop").asLong(0) > 0) {
            throw new UserError(file + " cannot be used: its decoder strips the ends of tokens (\"stop\": "
                    + decoder.path("stop") + "), at which the library for tokenizers fails; set it to 0");
        }
    }

    /** With a prefix of continued words, the right token of each pair loses as many bytes as the prefix has. */
    private void merges() {
        JsonNode model = tokenizer.path("model");
        String prefix = model.path("continuing_subword_prefix").asText("");
        if (!model.path("continuing_subword_prefix").isTextual()
                || !model.path("merges").isArray()) {
            return;
        }
        int cut = prefix.getBytes(StandardCharsets.UTF_8).length;
        for (JsonNode merge : model.path("merges")) {
            String right = merge.isTextual()
                    ? merge.textValue().substring(merge.textValue().indexOf(' ') + 1)
                    : merge.path(1).asText("");
            byte[] bytes = right.getBytes(StandardCharsets.UTF_8);
            boolean isInside = bytes.length > cut && (bytes[cut] & 0xC0) == 0x80; // of a character
            if (bytes.length < cut || isInside) {
                throw wrong(
                        "model.merges has \"" + right + "\", which does not begin with the continuing_subword_prefix");
            }
        }
    }
}
