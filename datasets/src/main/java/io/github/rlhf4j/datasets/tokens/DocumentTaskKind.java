package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** The tokenizer's files travel once, documents as texts, their tokens as numbers. */
public final class DocumentTaskKind implements TaskKind<DocumentTask, List<String>, List<int[]>> {
    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public Class<DocumentTask> type() {
        return DocumentTask.class;
    }

    @Override
    public List<Blob> blobs(DocumentTask task) {
        return List.of(task.tokenizer());
    }

    @Override
    public void writeTask(DocumentTask task, WireWriter out) {
        out.putReference(task.tokenizer()).putBoolean(task.splitSpecialTokens());
    }

    @Override
    public DocumentTask readTask(WireReader in) {
        return new DocumentTask(in.getReference(), in.getBoolean());
    }

    @Override
    public void writeInput(List<String> texts, WireWriter out) {
        out.putList(texts, WireWriter::putText);
    }

    @Override
    public List<String> readInput(WireReader in) {
        return in.getList(WireReader::getText);
    }

    @Override
    public void writeOutput(List<int[]> ids, WireWriter out) {
        out.putList(ids, WireWriter::putInts);
    }

    @Override
    public List<int[]> readOutput(WireReader in) {
        return in.getList(WireReader::getInts);
    }
}
