package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.RecordWire;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.StoredRowsKind;
import java.util.List;

/** The tokenizer's files travel once, rows as they are stored, their tokens as numbers. */
public final class TokensTaskKind implements StoredRowsKind<TokensTask, TokenizedRows> {
    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public Class<TokensTask> type() {
        return TokensTask.class;
    }

    @Override
    public List<Blob> blobs(TokensTask task) {
        return List.of(task.tokenizer());
    }

    @Override
    public void writeTask(TokensTask task, WireWriter out) {
        out.putReference(task.tokenizer()).putText(task.rows().name());
        RecordWire.of(ExampleRule.class).write(out, task.rule());
    }

    @Override
    public TokensTask readTask(WireReader in) {
        return new TokensTask(
                in.getReference(),
                RecordKind.valueOf(in.getText()),
                RecordWire.of(ExampleRule.class).read(in));
    }

    @Override
    public void writeOutput(TokenizedRows rows, WireWriter out) {
        out.putList(rows.examples(), (to, example) -> to.putOptional(example, (at, made) -> made.write(at)));
        RecordWire.of(TokenizationReport.class).write(out, rows.report());
    }

    @Override
    public TokenizedRows readOutput(WireReader in) {
        return new TokenizedRows(
                in.getList(from -> from.getOptional(RowExample::read)),
                RecordWire.of(TokenizationReport.class).read(in));
    }
}
