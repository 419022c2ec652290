package io.github.rlhf4j.datasets.tokens;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What happened while records became tokens.
 *
 * @param rows records read
 * @param tokens over all examples, a shared prompt counted once for each response
 * @param targets tokens that the loss counts, over all examples
 * @param boundaryMismatches responses whose joint tokens do not begin with the prompt's; they begin where the two part
 * @param promptsCut examples whose prompt was cut
 * @param responsesCut examples of which a response was cut
 * @param dropped rows left out because they are longer than max_length
 * @param specialTokensInText texts of special tokens found inside the data
 * @param sequences responses, texts or conversations; of windows, pieces
 * @param ended those whose last token to learn is an end token
 * @param untrained rows left out because they have no token to learn
 */
public record TokenizationReport(
        long rows,
        long tokens,
        long targets,
        long boundaryMismatches,
        long promptsCut,
        long responsesCut,
        long dropped,
        long specialTokensInText,
        long sequences,
        long ended,
        long untrained) {
    /** What deserves a line, to be printed; nothing where nothing happened. */
    public List<String> lines(String dataset, TokenizingOptions options) {
        List<String> lines = new ArrayList<>();
        String longer = "max_length " + options.maxLength() + ", truncation_mode "
                + options.truncationMode().configName();
        add(lines, promptsCut, dataset + ": %d of %d rows had their prompt cut (" + longer + ")");
        add(lines, responsesCut, dataset + ": %d of %d rows had a response cut (" + longer + ")");
        add(lines, dropped, dataset + ": %d of %d rows dropped because they are too long (" + longer + ")");
        add(
                lines,
                untrained,
                dataset + ": %d of %d rows have no token to learn, so are left out"
                        + (options.assistantOnlyLoss()
                                ? " (assistant_only_loss: is there a turn of the assistant, and within max_length "
                                        + options.maxLength() + "?)"
                                : ""));
        add(
                lines,
                boundaryMismatches,
                dataset + ": %d responses (%d rows) merge with the end of their prompt when tokenised together; their "
                        + "prompt ends where the tokens part: end prompts where a token ends");
        add(
                lines,
                specialTokensInText,
                dataset + ": warning: %d special tokens stand as text in the data (%d rows) and are read as tokens; "
                        + "split_special_tokens: true reads them as text");
        return lines;
    }

    /** One line about what will be learnt; empty where the examples are prompts alone. */
    public Optional<String> summary() {
        if (sequences == 0) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%,d rows, %,d cut, %,d left out; %.1f %% of %,d tokens are trained; %,d of %,d sequences end with a trained end token",
                rows,
                promptsCut + responsesCut,
                dropped + untrained,
                100.0 * targets / tokens,
                tokens,
                ended,
                sequences));
    }

    private void add(List<String> lines, long count, String format) {
        if (count > 0) {
            lines.add(format.formatted(count, rows));
        }
    }
}
