package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** What scores of many lines add up to. */
public final class ScoreSummary {
    private final Tokenizer tokenizer;
    private long lines;
    private long tokens;
    private double logProbs; // nats
    private double ofText; // nats, of tokens that are no special ones
    private long bytes; // of their text, UTF-8
    private long scores;
    private double mean;
    private double squares; // sum of squared deviations from the mean

    /** @param tokenizer of the texts, which says what is text and how long */
    public ScoreSummary(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Adds the log-probs of a line.
     *
     * @param values one for each id after the first
     */
    public void addLogProbs(int[] ids, double[] values) {
        lines++;
        tokens += values.length;
        for (int i = 0; i < values.length; i++) {
            logProbs += values[i];
            ofText += isText(ids[i + 1]) ? values[i] : 0;
        }
        bytes += text(ids, ids.length) - text(ids, 1);
    }

    private boolean isText(int id) {
        return id < tokenizer.vocabSize() && !tokenizer.isSpecial(id);
    }

    private long text(int[] ids, int length) {
        int[] known = Arrays.stream(ids, 0, length).filter(this::isText).toArray();
        return tokenizer.decode(known, true).getBytes(StandardCharsets.UTF_8).length;
    }

    /** Adds the score of a line. */
    public void addScore(double score) {
        lines++;
        scores++;
        double before = score - mean;
        mean += before / scores;
        squares += before * (score - mean);
    }

    /** How many lines were scored. */
    public long lines() {
        return lines;
    }

    /** Mean log-prob of a token, nats. */
    public double meanLogProb() {
        return logProbs / tokens;
    }

    /** exp of minus the mean log-prob. */
    public double perplexity() {
        return Math.exp(-meanLogProb());
    }

    /** Bits of the text's tokens, special ones left out, for each byte of the text in UTF-8. */
    public double bitsPerByte() {
        return -ofText / Math.log(2) / bytes;
    }

    /** All of it in a line. */
    public String text() {
        if (scores > 0) {
            return String.format(
                    Locale.ROOT,
                    "%,d lines: mean score %.4f, standard deviation %.4f",
                    lines,
                    mean,
                    scores > 1 ? Math.sqrt(squares / (scores - 1)) : 0);
        }
        if (tokens == 0) {
            return String.format(Locale.ROOT, "%,d lines, no token with another before it", lines);
        }
        return String.format(
                        Locale.ROOT,
                        "%,d lines, %,d tokens: mean log-prob %.4f, perplexity %.4f",
                        lines,
                        tokens,
                        meanLogProb(),
                        perplexity())
                + (bytes > 0 ? String.format(Locale.ROOT, ", %.4f bits per byte", bitsPerByte()) : "");
    }
}
