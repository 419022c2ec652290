package io.github.rlhf4j.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The order in which responses of pairs and rankings come when they serve as unpaired ones: of every 1,000 rows all good responses, then all bad ones, as TRL's unpair_preference_dataset gives
 * them. Everything else keeps its order.
 */
final class UnpairedOrder {
    private static final int ROWS = 1_000; // what datasets.Dataset.map takes at once

    private final Consumer<Placed> target;
    private final List<Placed> bad = new ArrayList<>();
    private int rows;

    UnpairedOrder(Consumer<Placed> target) {
        this.target = target;
    }

    /**
     * A record with the place of the row that it was made of.
     *
     * @param file empty where there is none
     * @param line from 1
     */
    record Placed(DataRecord of, String file, long line) {}

    /** What one row was converted to. */
    void addRow(List<DataRecord> records, String file, long line) {
        for (DataRecord one : records) {
            Placed placed = new Placed(one, file, line);
            if (records.size() > 1 && one instanceof UnpairedPreference unpaired && !unpaired.label()) {
                bad.add(placed);
            } else {
                target.accept(placed);
            }
        }
        rows++;
        if (rows == ROWS) {
            finish();
        }
    }

    /** No row follows. */
    void finish() {
        bad.forEach(target);
        bad.clear();
        rows = 0;
    }
}
