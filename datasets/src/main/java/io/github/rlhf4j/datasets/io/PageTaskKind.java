package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Pages travel as their bytes, and come back as text or as a reason why there is none. */
public final class PageTaskKind implements TaskKind<PageTask, List<WarcPage>, List<PageText>> {
    @Override
    public String name() {
        return "pages";
    }

    @Override
    public Class<PageTask> type() {
        return PageTask.class;
    }

    @Override
    public void writeTask(PageTask task, WireWriter out) {
        // it has no settings
    }

    @Override
    public PageTask readTask(WireReader in) {
        return new PageTask();
    }

    @Override
    public void writeInput(List<WarcPage> pages, WireWriter out) {
        out.putList(pages, (to, page) -> to.putBytes(page.bytes()).putText(page.contentType()));
    }

    @Override
    public List<WarcPage> readInput(WireReader in) {
        return in.getList(from -> new WarcPage(from.getBytes(), from.getText()));
    }

    @Override
    public void writeOutput(List<PageText> texts, WireWriter out) {
        out.putList(texts, (to, text) -> to.putText(text.text()).putText(text.whyNone()));
    }

    @Override
    public List<PageText> readOutput(WireReader in) {
        return in.getList(from -> new PageText(from.getText(), from.getText()));
    }
}
