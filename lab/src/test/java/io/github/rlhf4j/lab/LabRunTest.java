package io.github.rlhf4j.lab;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.lab.LabRequest;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.pipeline.run.FolderLock;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of anybody's: what they may say, what they leave, how they go on after a stop. */
class LabRunTest {
    private static final String PAGE = """
            title: Waves
            question: How high?
            expectations: [High.]
            measure: io.github.rlhf4j.lab.LabRunTest$Waves
            base: {grid: {kind: [{name: low}, {name: high}]}, settings: {height: 3}}
            quick: {seeds: 2}
            full: {seeds: 3, settings: {height: 5}}
            pictures:
              - {name: height, kind: line, title: Height, x: at, y: height, by: kind}
              - {name: map, kind: heat, title: Map, x: at, y: height, by: kind}
              - {name: bars, kind: bars, title: Bars, x: kind, y: height}
              - {name: dots, kind: scatter, title: Dots, x: height, y: width, by: kind}
            claims:
              - {says: High ones are higher, of: {metric: height, where: {kind: high}}, above: {metric: height, where: {kind: low}}, by: 0.5}
              - {says: Never, of: {metric: height, where: {kind: none}}, above: 0}
              - {says: Later, of: {metric: height}, above: 100, full_only: true}
            """;

    @TempDir
    Path folder;

    /** A measure without a run. */
    public static final class Waves implements Measure {
        static final AtomicInteger MEASURED = new AtomicInteger();

        @Override
        public void measure(Subject subject) {
            MEASURED.incrementAndGet();
            double height = subject.settings().number("height")
                    * ("high".equals(subject.values().get("kind")) ? 2 : 1);
            for (int at = 0; at < 2; at++) {
                subject.add(
                        Map.of("at", at, "size", "m"),
                        Map.of("height", height + subject.seed() + at, "width", 1.0 + at));
            }
        }

        @Override
        public void conclude(Findings findings) {
            findings.add(
                    Map.of("kind", "fit"), Map.of("slope", findings.groups().size() + 0.0));
        }
    }

    private PageSource page(String text) throws IOException {
        Path place = Files.createDirectories(folder.resolve("waves"));
        Files.writeString(place.resolve("page.yaml"), text);
        return PageSource.of(place.toString());
    }

    private LabRun run(PageSource source, StopRequest stop) {
        Page page = source.page();
        return new LabRun(
                source, page, page.mode(false), "quick", folder.resolve("out"), Rlhf4j.create(), Console.SILENT, stop);
    }

    @Test
    void meansIntervalsClaimsAndPicturesAreThoseOfThePage() throws IOException {
        LabRun run = run(page(PAGE), StopRequest.NEVER);
        LabResults results = run.run();
        run.write(results);
        assertThat(results.observations()).hasSize(2 * 2 * 2 + 1);
        Group low = results.groups().get(0);
        assertThat(low.values()).isEqualTo(Map.of("kind", "low", "at", 0, "size", "m"));
        assertThat(low.number("height")).isCloseTo(4.5, within(1e-12)); // 3 + 1 and 3 + 2
        assertThat(requireNonNull(low.metrics().get("height")).se()).isCloseTo(0.5, within(1e-12));
        assertThat(Pictures.error(low, "height")).isCloseTo(Math.tan(0.475 * Math.PI) * 0.5, within(1e-9));
        assertThat(results.verdicts()).extracting(Verdict::holds).containsExactly(true, false);
        assertThat(results.verdicts().get(0).numbers()) // high less low is 3 in both seeds
                .isEqualTo("8.000 against at least 5.500; difference 3.000 +- 0.000 over 2 seeds");
        assertThat(results.verdicts().get(1).numbers()).doesNotContain("seeds");
        assertThat(results.json())
                .contains("\"slope\"")
                .contains("\"se\" : 0.5")
                .contains("\"se\" : null");
        assertThat(results.csv())
                .startsWith("kind,seed,at,size,height,width,slope\n")
                .hasLineCount(10);
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("height.svg", "height.csv", "map.svg", "bars.svg", "dots.svg", "report.html");
        }
    }

    @Test
    void aStoppedPageGoesOnWhereItWasToTheSameBytes() throws IOException {
        PageSource source = page(PAGE);
        Waves.MEASURED.set(0);
        assertThatThrownBy(() -> run(source, () -> Waves.MEASURED.get() == 3).run())
                .isInstanceOf(StoppedException.class);
        LabResults resumed = run(source, StopRequest.NEVER).run();
        assertThat(Waves.MEASURED).hasValue(4);
        LabResults again = run(source, StopRequest.NEVER).run();
        assertThat(again.json()).isEqualTo(resumed.json());
        try (Stream<Path> kept = Files.list(folder.resolve("out/measured"))) {
            assertThat(kept).hasSize(4);
        }
    }

    private void lab(String page, int seeds, boolean resume) throws IOException {
        lab(page, seeds, resume, Optional.empty());
    }

    private void lab(String page, int seeds, boolean resume, Optional<String> cluster) throws IOException {
        page(page);
        OutputStream nowhere = OutputStream.nullOutputStream();
        LabRequest request = new LabRequest(
                folder.resolve("waves").toString(),
                false,
                seeds,
                Optional.of(folder.resolve("grown")),
                resume,
                false,
                false,
                cluster,
                console -> Rlhf4j.create());
        new LabProgram()
                .run(
                        request,
                        new Terminal(
                                new PrintStream(nowhere, false, StandardCharsets.UTF_8),
                                new PrintStream(nowhere, false, StandardCharsets.UTF_8)),
                        StopRequest.NEVER);
    }

    @Test
    void casesSeedsAndPicturesMayBeAddedToAPageThatHasRun() throws IOException {
        String more = PAGE.replace("{name: high}]", "{name: high}, {name: middle}]")
                .replace("title: Height", "title: How high");
        Waves.MEASURED.set(0);
        lab(PAGE, 2, false);
        assertThat(Waves.MEASURED).hasValue(4);
        lab(more, 3, true);
        assertThat(Waves.MEASURED).hasValue(9); // 3 cases, 3 seeds
        lab(more.replace("{name: low}", "{name: low, values: {place: 1}}"), 3, true);
        assertThat(Waves.MEASURED).hasValue(12); // a case that is another one under its old name
        assertThatThrownBy(() -> lab(more.replace("height: 3", "height: 4"), 3, true))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("only cases, seeds, pictures and claims may change with --resume");
    }

    @Test
    void whatWasMeasuredAndIsDamagedIsMeasuredAgain() throws IOException {
        PageSource source = page(PAGE);
        Waves.MEASURED.set(0);
        String whole = run(source, StopRequest.NEVER).run().json();
        List<Path> kept;
        try (Stream<Path> files = Files.list(folder.resolve("out/measured"))) {
            kept = files.sorted().toList();
        }
        Files.writeString(
                kept.get(0), Files.readString(kept.get(0)).replace("\"height\":", "\"height\":1")); // another number
        Files.writeString(kept.get(1), "[");
        assertThat(run(source, StopRequest.NEVER).run().json()).isEqualTo(whole);
        assertThat(Waves.MEASURED).hasValue(6);
        assertThat(run(source, StopRequest.NEVER).run().json()).isEqualTo(whole);
        assertThat(Waves.MEASURED).hasValue(6);
    }

    @Test
    void aPageThatWasKilledWhileItWroteItsMarkIsBegunAgain() throws IOException {
        Path mark = Files.createDirectories(folder.resolve("grown")).resolve("page.sha256");
        Files.writeString(mark.resolveSibling("page.sha256.tmp-999999999999999999"), "half");
        lab(PAGE, 1, true);
        assertThat(mark).isRegularFile();
        try (Stream<Path> files = Files.list(folder.resolve("grown"))) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.contains(".tmp-"));
        }
    }

    @Test
    void aSecondProcessIsRefused() throws IOException {
        Path grown = Files.createDirectories(folder.resolve("grown"));
        try (FolderLock held = FolderLock.take(grown, ".lab-lock", "page")) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> lab(PAGE, 1, true))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(
                            "is working in " + grown + "; wait for it, or give another folder with --out");
        }
        lab(PAGE, 1, true);
    }

    @Test
    void mistakesInAPageAreNamed() throws IOException {
        assertMistake("qestion: x\n" + PAGE, "qestion");
        assertMistake(PAGE.replace("title: Waves\n", ""), "title");
        assertMistake(PAGE + "  - {says: x}\n", "of");
        assertMistake("a: [", "page.yaml");
        assertThatThrownBy(() -> run(page(PAGE.replace("$Waves", "$Sea")), StopRequest.NEVER)
                        .run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("measure must name a class");
        assertThatThrownBy(() -> run(page(PAGE.replace("$Waves", "$Trap")), StopRequest.NEVER)
                        .run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("measure must name a class");
        assertThat(System.getProperty("rlhf4j.test.trap")).isNull();
        assertThatThrownBy(() -> run(page(PAGE.replace("height: 3", "hight: 3")), StopRequest.NEVER)
                        .run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("settings lack height");
        assertThatThrownBy(() -> run(page(PAGE.replace("{name: low}", "{named: low}")), StopRequest.NEVER)
                        .run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("needs a name");
        assertThatThrownBy(() -> PageSource.of("samplin"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean sampling?");
    }

    private void assertMistake(String text, String message) throws IOException {
        PageSource source = page(text);
        assertThatThrownBy(source::page).isInstanceOf(UserError.class).hasMessageContaining(message);
    }

    private PageSource runs() throws IOException {
        PageSource source = page("""
                title: Runs
                question: How?
                expectations: [Well.]
                run: run.yaml
                quick:
                  seeds: 2
                  metrics: [tuned.loss]
                  grid:
                    size: [{name: short, tuned.max_steps: 1}, {name: long, tuned.max_steps: 2}]
                """);
        Files.writeString(folder.resolve("waves/run.yaml"), """
                name: x
                seed: 1
                output_dir: runs
                stages:
                  base: {type: pretrain, dataset: {path: "synthetic:wordings/most=5", limit: 50}, tokenizer: {vocab_size: 260}, max_length: 32, max_steps: 1,
                    architecture: {hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64}}
                  tuned: {type: sft, model: base, dataset: {path: "synthetic:wordings_demonstrations/most=5", limit: 50}, batch_size: 4, logging_steps: 1}
                """);
        return source;
    }

    /** One stage for all cases, another for each: what depends on nothing that varies is made once. */
    @Test
    void aRunFileIsRunForEachCaseAndSeedAndItsMetricsAreMeasured() throws IOException {
        PageSource source = runs();
        LabResults results = run(source, StopRequest.NEVER).run();
        assertThat(results.groups())
                .hasSize(2)
                .allSatisfy(group -> assertThat(requireNonNull(group.metrics().get("tuned.loss"))
                                .n())
                        .isEqualTo(2));
        assertThat(results.observations().get(0).values()).isEqualTo(Map.of("size", "short", "seed", 1));
        assertThat(List.copyOf(results.groups().get(1).values().values())).containsExactly("long");
    }

    @Test
    void runsOfWorkersGiveTheSameResults() throws IOException {
        PageSource source = runs();
        String here = run(source, StopRequest.NEVER).run().json();
        List<String> lines = new ArrayList<>();
        LabRun there = new LabRun(
                source,
                source.page(),
                source.page().mode(false),
                "quick",
                folder.resolve("there"),
                Rlhf4j.create(),
                new Lines(lines),
                StopRequest.NEVER);
        assertThat(there.on(Optional.of("threads:2")).run().json()).isEqualTo(here);
        assertThat(lines).anyMatch(line -> line.contains("cluster: 2 x 1 worker thread"));
    }

    @Test
    void aPageWithoutRunsHasNothingForWorkers() throws IOException {
        assertThatThrownBy(() -> lab(PAGE, 2, false, Optional.of("processes:2")))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--cluster does nothing for the page waves");
        assertThat(folder.resolve("grown")).doesNotExist();
    }

    @Test
    void aDryRunSaysRunsTimeAndMemoryAndWritesNothing() throws IOException {
        List<String> lines = new ArrayList<>();
        Console console = new Lines(lines);
        PageSource source = runs();
        Page page = source.page();
        LabRun run = new LabRun(
                source,
                page,
                page.mode(false),
                "quick",
                folder.resolve("out"),
                Rlhf4j.create(),
                console,
                StopRequest.NEVER);
        run.check();
        assertThat(lines)
                .anyMatch(line -> line.startsWith("experiment: 4 runs") && line.contains("6 stages to make"))
                .anyMatch(line -> line.startsWith("time: about ") && line.contains("memory: "));
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aDryRunOfAPageWithoutRunsNamesItsCases() throws IOException {
        List<String> lines = new ArrayList<>();
        PageSource source = page(PAGE);
        Page page = source.page();
        new LabRun(
                        source,
                        page,
                        page.mode(true),
                        "full",
                        folder.resolve("out"),
                        Rlhf4j.create(),
                        new Lines(lines),
                        StopRequest.NEVER)
                .check();
        assertThat(lines).hasSize(7).contains("  kind-low_seed-1", "  kind-high_seed-3");
    }

    /** One of its points is at 0, which has no place on it. */
    @Test
    void aLogarithmicAxisLeavesZeroOut() throws IOException {
        LabRun run = run(
                page(PAGE.replace("by: kind}\n  - {name: map", "by: kind, log_x: true}\n  - {name: map")),
                StopRequest.NEVER);
        run.write(run.run());
        assertThat(folder.resolve("out/height.svg")).content().doesNotContain("NaN", "Infinity");
        assertThat(Files.readAllLines(folder.resolve("out/height.csv"))).hasSize(3);
    }

    @Test
    void aKeyThatTwoAxesSetIsAMistake() throws IOException {
        PageSource source = page(PAGE.replace("{name: high}]", "{name: high, a.b: 1}], other: [{name: x, a.b: 2}]"));
        assertThatThrownBy(() -> run(source, StopRequest.NEVER).run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the grid varies a.b in two places");
    }

    /** Keeps lines. */
    private record Lines(List<String> lines) implements Console {
        @Override
        public void line(String line) {
            lines.add(line);
        }

        @Override
        public void warning(String line) {
            lines.add(line);
        }

        @Override
        public Progress progress(String what, long total, String unit) {
            return Progress.NONE;
        }
    }

    /** A class that is no measure: nothing of it may run because a page names it. */
    public static final class Trap {
        static {
            System.setProperty("rlhf4j.test.trap", "sprung");
        }
    }
}
