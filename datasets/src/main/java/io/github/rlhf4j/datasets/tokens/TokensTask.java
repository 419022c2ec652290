package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.List;

/**
 * Makes examples of rows, given as they are stored.
 *
 * @param tokenizer a {@link TravellingTokenizer} as bytes
 * @param rows the kind of all
 */
record TokensTask(Blob tokenizer, RecordKind rows, ExampleRule rule) implements Task<List<byte[]>, TokenizedRows> {
    @Override
    public TokenizedRows run(List<byte[]> stored, Worker worker) {
        TravellingTokenizer made = worker.made(tokenizer, TravellingTokenizer::read);
        TokenizedRows examples =
                new RowTokens(made.tokenizer(), made.chat(), rule, new ReportCounts()).all(rows, stored);
        worker.advance(stored.size());
        return examples;
    }
}
