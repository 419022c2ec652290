package io.github.rlhf4j.datasets.tokens;

/** The counters of a {@link TokenizationReport} while it is made. */
final class ReportCounts {
    long rows;
    long tokens;
    long targets;
    long boundaryMismatches;
    long promptsCut;
    long responsesCut;
    long dropped;
    long specialTokensInText;
    long sequences;
    long ended;
    long untrained;

    TokenizationReport report() {
        return new TokenizationReport(
                rows,
                tokens,
                targets,
                boundaryMismatches,
                promptsCut,
                responsesCut,
                dropped,
                specialTokensInText,
                sequences,
                ended,
                untrained);
    }

    /** Adds those of other rows. */
    void add(TokenizationReport other) {
        rows += other.rows();
        tokens += other.tokens();
        targets += other.targets();
        boundaryMismatches += other.boundaryMismatches();
        promptsCut += other.promptsCut();
        responsesCut += other.responsesCut();
        dropped += other.dropped();
        specialTokensInText += other.specialTokensInText();
        sequences += other.sequences();
        ended += other.ended();
        untrained += other.untrained();
    }
}
