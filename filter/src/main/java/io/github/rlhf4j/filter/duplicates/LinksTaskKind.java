package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;

/** Pairs travel as they are on the disk; what comes back are the rows that are alike. */
public final class LinksTaskKind implements TaskKind<LinksTask, byte[], int[]> {
    @Override
    public String name() {
        return "duplicates";
    }

    @Override
    public Class<LinksTask> type() {
        return LinksTask.class;
    }

    @Override
    public void writeTask(LinksTask task, WireWriter out) {
        // it has no settings
    }

    @Override
    public LinksTask readTask(WireReader in) {
        return new LinksTask();
    }

    @Override
    public void writeInput(byte[] pairs, WireWriter out) {
        out.putBytes(pairs);
    }

    @Override
    public byte[] readInput(WireReader in) {
        return in.getBytes();
    }

    @Override
    public void writeOutput(int[] links, WireWriter out) {
        out.putInts(links);
    }

    @Override
    public int[] readOutput(WireReader in) {
        return in.getInts();
    }
}
