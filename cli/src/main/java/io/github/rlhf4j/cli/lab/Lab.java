package io.github.rlhf4j.cli.lab;

import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.stage.StopRequest;
import java.util.List;

/** The experiments of the course, a page each. Found by {@link java.util.ServiceLoader}. */
public interface Lab {
    /** The names of the pages, in the order of the course. */
    List<String> pages();

    /** Runs a page; results are on standard output, files in the request's folder. */
    void run(LabRequest request, Terminal terminal, StopRequest stop);
}
