package io.github.rlhf4j.cli.torture;

import java.util.ArrayList;
import java.util.List;

/** The rows of all attacks, each shown as soon as it is made. */
final class Table {
    private final List<Tally> tallies = new ArrayList<>();

    void add(Tally tally) {
        tallies.add(tally);
        System.err.println(tally.row());
    }

    /** In Markdown. */
    String text() {
        StringBuilder table = new StringBuilder("| attack | count | result |\n|---|---|---|\n");
        tallies.forEach(tally -> table.append(tally.row()).append('\n'));
        return table.toString();
    }

    boolean isAllRight() {
        return tallies.stream().allMatch(tally -> tally.wrong().isEmpty());
    }
}
