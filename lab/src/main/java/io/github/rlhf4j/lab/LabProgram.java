package io.github.rlhf4j.lab;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.lab.Lab;
import io.github.rlhf4j.cli.lab.LabRequest;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StopRequest;
import java.nio.file.Path;
import java.util.List;

/** The command {@code lab}: lists the pages, or runs one. */
public final class LabProgram implements Lab {
    @Override
    public List<String> pages() {
        return PageSource.names();
    }

    @Override
    public void run(LabRequest request, Terminal terminal, StopRequest stop) {
        PageSource source = PageSource.of(request.page());
        Page page = source.page();
        String modeName = request.full() ? "full" : "quick";
        Page.Mode mode = page.mode(request.full());
        if (request.seeds() > 0) {
            mode = mode.withSeeds(request.seeds());
        }
        if (request.cluster().isPresent() && page.run().isEmpty()) {
            throw new UserError("--cluster does nothing for the page " + source.name()
                    + ", which has no runs, only measurements in this process; leave it out");
        }
        Path folder = request.out().orElse(Path.of("runs", "lab", source.name() + "-" + modeName));
        if (request.dryRun()) {
            try (Rlhf4j engine = request.engine().apply(new Quiet(terminal))) {
                new LabRun(source, page, mode, modeName, folder, engine, terminal, stop).check();
            }
            return;
        }
        long start = System.nanoTime();
        LabResults results;
        try (LabFolder held = LabFolder.open(folder, digest(source, page, mode), request);
                Rlhf4j engine = request.engine().apply(new Quiet(terminal))) {
            LabRun run = new LabRun(source, page, mode, modeName, held.directory(), engine, terminal, stop)
                    .on(request.cluster());
            results = run.run();
            run.write(results);
        }
        results.verdicts()
                .forEach(verdict -> terminal.result(
                        (verdict.holds() ? "holds:  " : "is not: ") + verdict.says() + " (" + verdict.numbers() + ")"));
        terminal.result(folder.resolve("report.html") + " (" + (System.nanoTime() - start) / 1_000_000_000 + " s)");
    }

    /** Of all that each run and what is measured of it depend on, but not of what there are runs for: cases and seeds may be added with --resume. */
    private static String digest(PageSource source, Page page, Page.Mode mode) {
        String run = page.run().isEmpty() ? "" : source.text(page.run());
        return new Sha256()
                .add(String.join(
                        "\n", run, page.measure(), "" + mode.values(), "" + mode.metrics(), "" + mode.settings()))
                .hex();
    }

    /** What single runs say would be too much: only their progress is shown. */
    private record Quiet(Console console) implements Console {
        @Override
        public void line(String line) {}

        @Override
        public void warning(String line) {}

        @Override
        public Progress progress(String what, long total, String unit) {
            return console.progress(what, total, unit);
        }
    }
}
