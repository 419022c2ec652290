package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.OptionalInt;

/** The tokenizer: how many ids, and the special ones. */
final class SpecialTokens {
    private final Tokenizer tokenizer;
    private final int rows;

    SpecialTokens(Tokenizer tokenizer, ModelConfig config) {
        this.tokenizer = tokenizer;
        this.rows = config.vocabSize();
    }

    void describe(Report report) {
        int ids = tokenizer.vocabSize();
        String unused = ids < rows ? "; the model's other " + Report.count(rows - ids) + " rows are unused" : "";
        report.line("tokenizer", Report.count(ids) + " ids" + unused);
        report.line(
                "special tokens",
                "bos " + token(tokenizer.bosId()) + ", eos " + token(tokenizer.eosId()) + ", pad "
                        + token(tokenizer.padId()) + ", unk " + token(tokenizer.unkId()));
        if (ids > rows) {
            report.warning("the tokenizer has ids up to " + (ids - 1) + ", but the model's vocab_size is " + rows
                    + ": they do not belong together");
        }
        if (tokenizer.padId().isPresent() && tokenizer.padId().equals(tokenizer.eosId())) {
            report.warning(
                    "pad and end token are the same; harmless here, but other tools may never train the end token");
        }
    }

    private String token(OptionalInt id) {
        return id.isPresent() ? id.getAsInt() + " " + tokenizer.token(id.getAsInt()) : "none";
    }
}
