package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.List;
import java.util.Optional;

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
        ReportCounts counts = new ReportCounts();
        RowTokens tokens = new RowTokens(made.tokenizer(), made.chat(), rule, counts);
        List<Optional<RowExample>> examples = stored.stream()
                .map(row -> tokens.example(RecordJson.fromStored(rows, row)))
                .toList();
        worker.advance(stored.size());
        return new TokenizedRows(examples, counts.report());
    }
}
