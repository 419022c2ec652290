package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import java.util.List;

/** Makes texts of pages. */
record PageTask() implements Task<List<WarcPage>, List<PageText>> {
    @Override
    public List<PageText> run(List<WarcPage> pages, Worker worker) {
        List<PageText> texts = pages.stream().map(WarcPage::text).toList();
        worker.advance(pages.size());
        return texts;
    }
}
