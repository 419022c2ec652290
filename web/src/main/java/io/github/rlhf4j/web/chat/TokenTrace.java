package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.PromptTokens;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.web.Json;

/**
 * The tokens of an answer with their log-probs and what else was likely, as JSON: a list of {@code {"text", "id", "log_prob", "top": [{"text", "id", "log_prob"}]}}. The texts, joined, are the answer's; a token in the middle of a character has none, and its
 * character is with the last of its tokens.
 *
 * @param json the list
 */
record TokenTrace(ArrayNode json) {
    private static final char REPLACEMENT = '\uFFFD';

    static TokenTrace of(Tokenizer tokenizer, int[] prompt, Generated tokens) {
        ArrayNode list = Json.array();
        StreamingDecoder decoder = new PromptTokens(tokenizer).decoderAfter(prompt);
        ObjectNode last = Json.object();
        for (int i = 0; i < tokens.ids().length; i++) {
            int id = tokens.ids()[i];
            last = list.addObject().put("text", decoder.push(id)).put("id", id).put("log_prob", (float)
                    tokens.logProbs()[i]);
            if (tokenizer.isSpecial(id)) {
                last.put("special", tokenizer.token(id));
            }
            if (i < tokens.top().size()) {
                last.set("top", top(tokenizer, tokens.top().get(i)));
            }
        }
        last.put("text", last.path("text").asText() + decoder.finish());
        return new TokenTrace(list);
    }

    private static ArrayNode top(Tokenizer tokenizer, TopTokens top) {
        ArrayNode list = Json.array();
        for (int i = 0; i < top.ids().length; i++) {
            list.addObject()
                    .put("text", label(tokenizer, top.ids()[i]))
                    .put("id", top.ids()[i])
                    .put("log_prob", top.logProbs()[i]);
        }
        return list;
    }

    /** A token as text, or in the vocabulary's spelling where its text alone says nothing. */
    private static String label(Tokenizer tokenizer, int id) {
        String token = tokenizer.token(id);
        String text = tokenizer.decode(new int[] {id}, false);
        if (text.isEmpty() || text.indexOf(REPLACEMENT) >= 0) {
            return token;
        }
        return token.startsWith("\u2581") && !text.startsWith(" ") ? " " + text : text;
    }
}
