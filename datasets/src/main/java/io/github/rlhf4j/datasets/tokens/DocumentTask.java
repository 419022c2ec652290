package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.wire.Blob;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes tokens of documents.
 *
 * @param tokenizer a {@link TravellingTokenizer} as bytes
 * @param splitSpecialTokens as {@link TokenizingOptions} has it
 */
record DocumentTask(Blob tokenizer, boolean splitSpecialTokens) implements Task<List<String>, List<int[]>> {
    @Override
    public List<int[]> run(List<String> texts, Worker worker) {
        TravellingTokenizer made = worker.made(tokenizer, TravellingTokenizer::read);
        RecordTokenizer tokens = made.tokens(splitSpecialTokens);
        List<int[]> ids = new ArrayList<>();
        for (String text : texts) {
            ids.add(tokens.document(text, new ReportCounts()));
        }
        worker.advance(texts.size());
        return ids;
    }
}
