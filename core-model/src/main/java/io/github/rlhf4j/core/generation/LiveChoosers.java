package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses the tokens of sequences with different options from the rows of one pass; what rows have in common is done for all of them at once. */
final class LiveChoosers {
    private static final int[] NONE = {};

    private final Transformer model;
    private final SeenTokens nothingSeen = new SeenTokens(false, NONE);
    private final TokenChoosers choosers;
    private final List<ModelLogProbs> logProbs = new ArrayList<>(); // by place in the list of rows

    LiveChoosers(Transformer model) {
        this.model = model;
        this.choosers = new TokenChoosers(model);
    }

    /**
     * A row of logits with the sequences whose next token is chosen from it: one, or all samples of a prompt.
     *
     * @param sequences empty where nothing is chosen
     */
    record Row(List<LiveSequence> sequences) {
        LiveSequence first() {
            return sequences.get(0);
        }

        LiveRequest live() {
            return first().group().live();
        }
    }

    /** Hears what has been chosen. */
    interface Taker {
        void chosen(LiveSequence sequence, int id, double logProb, @Nullable TopTokens top);

        void failed(LiveSequence sequence, RuntimeException failure);
    }

    /**
     * Chooses a token for each sequence.
     *
     * @param logits (rows, V), overwritten
     */
    void choose(Tensor logits, List<Row> rows, Taker taker) {
        List<@Nullable AllowedTokens> allowed = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            allowed.add(prepare(logits, i, rows, taker));
        }
        for (int from = 0; from < rows.size(); ) {
            int to = from + 1;
            while (to < rows.size() && haveOneChooser(rows.get(from), rows.get(to))) {
                to++;
            }
            if (!rows.get(from).sequences().isEmpty()) {
                choose(logits.rows(from, to), rows.subList(from, to), allowed.subList(from, to), from, taker);
            }
            from = to;
        }
    }

    /** Remembers what is reported of a row, and makes the changes that are its own. */
    private @Nullable AllowedTokens prepare(Tensor logits, int index, List<Row> rows, Taker taker) {
        Row row = rows.get(index);
        if (row.sequences().isEmpty()) {
            return null;
        }
        LiveRequest live = row.live();
        if (live.logProbs()) {
            logProbs(index).read(logits, index);
        }
        if (!live.changes().isNone()) {
            live.changes().apply(logits, index, row.first().ids(), row.first().length());
        }
        try {
            return row.first().allowed();
        } catch (RuntimeException e) {
            row.sequences().forEach(sequence -> taker.failed(sequence, e));
            rows.set(index, new Row(List.of()));
            return null;
        }
    }

    private ModelLogProbs logProbs(int index) {
        while (logProbs.size() <= index) {
            logProbs.add(new ModelLogProbs(model.config().vocabSize()));
        }
        return logProbs.get(index);
    }

    private boolean haveOneChooser(Row first, Row second) {
        return !first.sequences().isEmpty() && !second.sequences().isEmpty() && chooser(first) == chooser(second);
    }

    /** Of its request, which remembers it. */
    private TokenChooser chooser(Row row) {
        return row.first().group().chooser(() -> choosers.of(row.live().options()));
    }

    private void choose(
            Tensor logits, List<Row> rows, List<@Nullable AllowedTokens> allowed, int firstIndex, Taker taker) {
        TokenChooser chooser = chooser(rows.get(0));
        chooser.take(
                logits,
                rows.size(),
                row -> rows.get(row).sequences().isEmpty()
                        ? nothingSeen
                        : rows.get(row).first().seen(),
                allowed::get);
        for (int i = 0; i < rows.size(); i++) {
            for (LiveSequence sequence : rows.get(i).sequences()) {
                try {
                    chooser.choose(logits, i, sequence.draw());
                } catch (RuntimeException e) {
                    taker.failed(sequence, e);
                    continue;
                }
                tell(sequence, chooser.chosen(), firstIndex + i, taker);
            }
        }
    }

    private void tell(LiveSequence sequence, int id, int index, Taker taker) {
        LiveRequest live = sequence.group().live();
        if (!live.logProbs()) {
            taker.chosen(sequence, id, Double.NaN, null);
            return;
        }
        ModelLogProbs ofRow = logProbs.get(index);
        int top = live.options().topLogProbs();
        taker.chosen(sequence, id, ofRow.of(id), top == 0 ? null : ofRow.top(top));
    }
}
