package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.StoredRowsKind;
import java.util.List;

/** Rules travel once, rows as they are stored; what comes back of a row is why it goes, or its hashes and what rules have left of its text. */
public final class JudgeKind implements StoredRowsKind<JudgeTask, List<Verdict>> {
    @Override
    public String name() {
        return "filter";
    }

    @Override
    public Class<JudgeTask> type() {
        return JudgeTask.class;
    }

    @Override
    public List<Blob> blobs(JudgeTask task) {
        return List.of(task.judge());
    }

    @Override
    public void writeTask(JudgeTask task, WireWriter out) {
        out.putText(task.rows().name()).putReference(task.judge());
    }

    @Override
    public JudgeTask readTask(WireReader in) {
        return new JudgeTask(RecordKind.valueOf(in.getText()), in.getReference());
    }

    @Override
    public void writeOutput(List<Verdict> verdicts, WireWriter out) {
        out.putList(verdicts, (to, verdict) -> {
            to.putOptional(verdict.text(), WireWriter::putText);
            to.putText(verdict.reason()).putText(verdict.detail()).putInt(verdict.hashes().length);
            for (long hash : verdict.hashes()) {
                to.putLong(hash);
            }
        });
    }

    @Override
    public List<Verdict> readOutput(WireReader in) {
        return in.getList(from ->
                new Verdict(from.getOptional(WireReader::getText), from.getText(), from.getText(), hashes(from)));
    }

    private static long[] hashes(WireReader in) {
        long[] hashes = new long[in.getInt()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = in.getLong();
        }
        return hashes;
    }
}
