package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Finds texts of special tokens in data. */
final class SpecialTokenTexts {
    private final List<String> texts = new ArrayList<>();

    SpecialTokenTexts(Tokenizer tokenizer) {
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            if (tokenizer.isSpecial(id) && !tokenizer.token(id).isEmpty()) {
                texts.add(tokenizer.token(id));
            }
        }
    }

    int count(String text) {
        int count = 0;
        for (String special : texts) {
            for (int at = text.indexOf(special); at >= 0; at = text.indexOf(special, at + special.length())) {
                count++;
            }
        }
        return count;
    }
}
