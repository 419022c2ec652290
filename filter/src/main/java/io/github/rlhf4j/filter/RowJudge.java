package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.RecordWire;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.duplicates.DuplicateFinder;
import io.github.rlhf4j.filter.text.MinHash;
import io.github.rlhf4j.filter.text.TextHash;
import java.util.Optional;

/** All that is done with a row by itself, in this process or another: rules, and the hashes by which rows are compared later. Safe from several threads. */
final class RowJudge {
    private static final long SECOND_HASH = 2;

    private final Rules rules;
    private final DuplicatesConfig duplicates;
    private final Optional<MinHash> minHash;

    RowJudge(Rules rules, DuplicatesConfig duplicates) {
        this.rules = rules;
        this.duplicates = duplicates;
        this.minHash = duplicates.minhash().map(MinHashConfig::minHash);
    }

    /** What is said of a row. */
    Verdict judge(DataRecord row) {
        Judgement judgement = rules.judge(row);
        if (!judgement.isKept()) {
            return new Verdict(Optional.empty(), judgement.reason(), judgement.detail(), new long[0]);
        }
        String text = judgement.text();
        return new Verdict(
                text.equals(rules.given(row)) ? Optional.empty() : Optional.of(text),
                "",
                "",
                duplicates.isOn() ? hashes(text) : new long[0]);
    }

    private long[] hashes(String text) {
        long[] all = new long[duplicates.width()];
        all[0] = TextHash.of(text);
        all[1] = TextHash.of(text, SECOND_HASH);
        minHash.ifPresent(hash -> {
            long[] bands = hash.bands(hash.signature(text));
            System.arraycopy(bands, 0, all, DuplicateFinder.TEXT_COLUMNS, bands.length);
        });
        return all;
    }

    /** Writes it for another process. */
    void write(WireWriter out) {
        RecordWire.of(DuplicatesConfig.class).write(out, duplicates);
        rules.write(out);
    }

    /** Reads what {@link #write} wrote. */
    static RowJudge read(WireReader in) {
        DuplicatesConfig duplicates = RecordWire.of(DuplicatesConfig.class).read(in);
        return new RowJudge(Rules.read(in), duplicates);
    }
}
