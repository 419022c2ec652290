package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Examples with the reference's log-probs, as bytes. */
final class ScoredBytes {
    private ScoredBytes() {}

    static <T> void write(WireWriter out, List<WithRefLogProbs<T>> rows, BiConsumer<WireWriter, T> each) {
        out.putList(rows, (to, row) -> {
            each.accept(to, row.tokens());
            to.putDoubles(row.refLogProbs());
        });
    }

    static <T> List<WithRefLogProbs<T>> read(WireReader in, Function<WireReader, T> each) {
        return in.getList(from -> new WithRefLogProbs<>(each.apply(from), from.getDoubles()));
    }
}
