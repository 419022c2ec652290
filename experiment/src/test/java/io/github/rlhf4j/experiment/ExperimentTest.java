package io.github.rlhf4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.pipeline.run.RunProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
    private static final String GRID = """
          grid: {sft.learning_rate: [1e-3, 1e-2], sft.seed: [1, 2]}
          metrics: [sft.eval_loss, sft.loss]
        """;

    private static final AtomicInteger BASES = new AtomicInteger();

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path gridFile = Path.of("");
    private static @Nullable ExperimentResults whole;

    private static Rlhf4j engine(int threads, Console console) {
        return Rlhf4j.builder().threads(1).console(console).build();
    }

    @BeforeAll
    static void makeTheWholeGrid() throws IOException {
        gridFile = TinyRunFile.write(shared, GRID);
        whole = Experiment.of(ExperimentTest::engine, gridFile)
                .console(new CountingConsole(BASES, "[base] done in"))
                .run();
    }

    @Test
    void everyCombinationRunsAndGroupsAreMeansOverSeeds() throws IOException {
        ExperimentResults results = Objects.requireNonNull(whole);
        assertThat(results.runs())
                .extracting(run -> run.values().label())
                .containsExactly(
                        "sft.learning_rate=0.001, sft.seed=1",
                        "sft.learning_rate=0.001, sft.seed=2",
                        "sft.learning_rate=0.01, sft.seed=1",
                        "sft.learning_rate=0.01, sft.seed=2");
        JsonNode json = new ObjectMapper()
                .readTree(shared.resolve("runs/tiny/experiment.json").toFile());
        assertThat(json.path("runs")).hasSize(4);
        assertThat(json.at("/runs/0/values").toString()).isEqualTo("{\"sft.learning_rate\":0.001,\"sft.seed\":1}");
        double first = json.at("/runs/0/metrics/sft.eval_loss").doubleValue();
        double second = json.at("/runs/1/metrics/sft.eval_loss").doubleValue();
        JsonNode group = json.at("/groups/0");
        assertThat(group.path("values").toString()).isEqualTo("{\"sft.learning_rate\":0.001}");
        assertThat(group.at("/metrics/sft.eval_loss/mean").doubleValue())
                .isCloseTo((first + second) / 2, within(1e-12));
        // the sample's deviation of two values is |a - b| / sqrt 2, its error that over sqrt 2
        assertThat(group.at("/metrics/sft.eval_loss/se").doubleValue())
                .isCloseTo(Math.abs(first - second) / 2, within(1e-12));
        assertThat(group.at("/metrics/sft.eval_loss/n").intValue()).isEqualTo(2);
        assertThat(Files.readAllLines(shared.resolve("runs/tiny/experiment.csv")))
                .hasSize(5)
                .first()
                .isEqualTo("sft.learning_rate,sft.seed,sft.eval_loss,sft.loss,folder,failure");
        assertThat(results.group("sft.learning_rate", 1e-2)
                        .metric("sft.eval_loss")
                        .mean())
                .isFinite();
        assertThat(shared.resolve("runs/tiny/report.html"))
                .content()
                .contains(
                        "sft.eval_loss by sft.learning_rate", "sft.eval_loss less that of learning_rate=0.001", "Holm");
    }

    @Test
    void aStageThatRunsNeedAlikeIsMadeOnce() throws IOException {
        assertThat(BASES).hasValue(1);
        List<Path> runs;
        try (Stream<Path> all = Files.list(shared.resolve("runs/tiny"))) {
            runs = all.filter(path -> Files.exists(path.resolve(".rlhf4j")))
                    .sorted()
                    .toList();
        }
        assertThat(runs).hasSize(4);
        for (Path run : runs) { // each run's folder is whole: it can be continued, looked at and compared as any other
            assertThat(run.resolve("base/model/model.safetensors"))
                    .hasSameBinaryContentAs(runs.get(0).resolve("base/model/model.safetensors"));
            assertThat(run.resolve("base/done.json"))
                    .hasSameBinaryContentAs(runs.get(0).resolve("base/done.json"));
            assertThat(run.resolve("report.html")).exists();
        }
    }

    @Test
    void aStoppedExperimentGoesOnToTheSameBytes() throws IOException {
        int stops = 0;
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            AtomicInteger steps = new AtomicInteger();
            Experiment interrupted = Experiment.of(engine, gridFile)
                    .output(folder.resolve("parts"))
                    .stopOn(() -> steps.incrementAndGet() % 7 == 0)
                    .resume();
            for (boolean done = false; !done; ) {
                try {
                    interrupted.run();
                    done = true;
                } catch (StoppedException e) {
                    assertThat(e).hasMessageContaining("of 4 runs; continue with --resume");
                    stops++;
                }
            }
        }
        assertThat(stops).isGreaterThan(1);
        assertThat(folder.resolve("parts/charts").toFile().list()) // none of a half-done experiment
                .containsExactlyInAnyOrder(
                        shared.resolve("runs/tiny/charts").toFile().list());
        assertThat(folder.resolve("parts/experiment.json"))
                .hasSameBinaryContentAs(shared.resolve("runs/tiny/experiment.json"));
    }

    @Test
    void anExperimentTellsItsProgressAndStopsWhenSomebodyWishesItInItsFolder() {
        Path grid = folder.resolve("wished");
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            AtomicInteger steps = new AtomicInteger();
            Experiment experiment = Experiment.of(engine, gridFile)
                    .output(grid)
                    .resume()
                    .stopOn(() -> {
                        if (steps.incrementAndGet() == 6) {
                            assertThat(RunProcess.of(grid).orElseThrow().state())
                                    .isEqualTo(RunProcess.State.RUNNING);
                            RunProcess.askToStop(grid);
                        }
                        return false;
                    });
            assertThatThrownBy(experiment::run).isInstanceOf(StoppedException.class);
            assertThat(RunProcess.of(grid).orElseThrow().state()).isEqualTo(RunProcess.State.STOPPED);
            assertThat(grid.resolve(".stop")).doesNotExist();

            experiment.run();

            RunProcess end = RunProcess.of(grid).orElseThrow();
            assertThat(end.state()).isEqualTo(RunProcess.State.DONE);
            assertThat(end.step()).isEqualTo(4);
            assertThat(end.steps()).isEqualTo(4);
            assertThat(end.type()).isEqualTo("experiment");
        }
    }

    @Test
    void runsSideBySideGiveTheSameBytes() {
        Experiment.of(ExperimentTest::engine, gridFile)
                .output(folder.resolve("two"))
                .jobs(2)
                .run();

        for (String result : List.of("experiment.json", "experiment.csv")) {
            assertThat(folder.resolve("two").resolve(result))
                    .hasSameBinaryContentAs(shared.resolve("runs/tiny").resolve(result));
        }
    }

    @Test
    void runsOfWorkersGiveTheSameBytesAndAStopReachesThem() throws IOException {
        Path place = folder.resolve("workers");
        AtomicInteger asked = new AtomicInteger();
        Experiment experiment = Experiment.of(ExperimentTest::engine, gridFile)
                .output(place)
                .cluster("processes:2")
                .stopOn(() -> asked.incrementAndGet() > 2);
        assertThatThrownBy(experiment::run).isInstanceOf(StoppedException.class);

        experiment.resume().stopOn(StopRequest.NEVER).run();

        for (String result : List.of("experiment.json", "experiment.csv")) {
            assertThat(place.resolve(result))
                    .hasSameBinaryContentAs(shared.resolve("runs/tiny").resolve(result));
        }
        try (Stream<Path> files = Files.walk(shared.resolve("runs/tiny"))) {
            for (Path file : files.filter(file -> file.toString().matches(".*(safetensors|metrics.jsonl|config.yaml)"))
                    .filter(file -> !file.toString().contains("checkpoints"))
                    .toList()) {
                assertThat(place.resolve(shared.resolve("runs/tiny").relativize(file)))
                        .hasSameBinaryContentAs(file);
            }
        }
        Path one = Objects.requireNonNull(whole).runs().get(3).folder();
        assertThat(place.resolve(shared.resolve("runs/tiny").relativize(one)).resolve("run.log"))
                .content()
                .contains("[sft] done in");
    }

    @Test
    void executorsThatComeLaterMakeRunsToo() throws IOException {
        Path file = TinyRunFile.write(folder, "");
        AtomicInteger grown = new AtomicInteger();
        ExperimentResults results = Experiment.of(ExperimentTest::engine, file)
                .vary("base.seed", 1, 2, 3)
                .metrics("sft.eval_loss")
                .cluster("yarn")
                .console(new CountingConsole(grown, "cluster: one more run at a time"))
                .run();

        assertThat(results.failures()).isEmpty(); // a first run that is alone fails
        assertThat(grown).hasValue(1);
    }

    @Test
    void aRunThatFailsIsNamedAndTheOthersGoOn() throws IOException {
        Path file = TinyRunFile.write(folder, "");
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            Experiment experiment = Experiment.of(engine, file)
                    .vary("sft.seed", 1, 2, 3)
                    .metrics("sft.eval_loss")
                    .measure("odd", run -> {
                        if (run.folder().toString().endsWith("sft.seed-2")) {
                            throw new UserError("this one cannot be measured");
                        }
                        return 1;
                    });
            ExperimentResults results = experiment.run();

            assertThat(results.failures()).singleElement().satisfies(run -> {
                assertThat(run.values().label()).isEqualTo("sft.seed=2");
                assertThat(run.failure()).contains("this one cannot be measured");
            });
            assertThat(results.groups())
                    .singleElement()
                    .satisfies(group ->
                            assertThat(group.metric("sft.eval_loss").n()).isEqualTo(2));
            assertThatThrownBy(experiment::run)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("already exists; continue it with --resume");
            Path measures = folder.resolve("runs/tiny/measures");
            Files.writeString(measures.resolve("sft.seed-1.json"), "[]");
            Path third = measures.resolve("sft.seed-3.json");
            Files.writeString(third, Files.readString(third).replace("1.0", "7.0"));
            ExperimentResults again = experiment.resume().run(); // what is damaged is measured again
            assertThat(again.failures()).hasSize(1);
            assertThat(again.groups().get(0).metric("odd").mean()).isEqualTo(1);
            assertThat(third).content().contains("1.0");
        }
    }

    @Test
    void casesThatAreAddedAreMadeBesideThoseOfBefore() throws IOException {
        Path file = TinyRunFile.write(folder, "");
        AtomicInteger bases = new AtomicInteger();
        AtomicInteger tunings = new AtomicInteger();
        Console counting = new CountingConsole(tunings, "[sft] done in");
        Path parts = folder.resolve("parts");
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).console(counting).build()) {
            Experiment.of(engine, file)
                    .vary("sft.seed", 1, 2)
                    .metrics("sft.loss")
                    .output(parts)
                    .run();
            ExperimentResults more = Experiment.of(engine, file)
                    .vary("sft.seed", 3, 1, 2) // another case of a key
                    .metrics("sft.loss")
                    .output(parts)
                    .resume()
                    .run();
            assertThat(more.runs()).hasSize(3);
            assertThat(tunings).hasValue(3);
        }
        Console both = new CountingConsole(bases, "[base] done in");
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).console(both).build()) {
            ExperimentResults other = Experiment.of(engine, file)
                    .vary("sft.learning_rate", 1e-3) // another key: folders have other names
                    .vary("sft.seed", 1, 2)
                    .metrics("sft.loss")
                    .output(parts)
                    .resume()
                    .run();
            assertThat(other.runs()).hasSize(2);
            assertThat(bases).hasValue(0);
            ExperimentResults alone = Experiment.of(engine, file)
                    .vary("sft.learning_rate", 1e-3)
                    .vary("sft.seed", 1, 2)
                    .metrics("sft.loss")
                    .output(folder.resolve("alone"))
                    .run();
            assertThat(bases).hasValue(1);
            assertThat(other.runs().get(1).metrics())
                    .isEqualTo(alone.runs().get(1).metrics());
        }
        assertThat(parts.resolve("sft.seed-3")).exists(); // what is asked for no more stays
        assertThat(parts.resolve("experiment.json")).hasSameBinaryContentAs(folder.resolve("alone/experiment.json"));
    }

    /** Killed while it wrote its mark, and with a file that names runs elsewhere. */
    @Test
    void aFolderThatWasHardlyBegunIsTakenAndNoRunOutsideOfIt() throws IOException {
        Path parts = Files.createDirectories(folder.resolve("parts"));
        Files.writeString(parts.resolve(".rlhf4j-experiment.tmp-999999999999999999"), "half");
        String outside =
                parts.relativize(shared.resolve("runs/tiny")).toString().replace('\\', '/') // in JSON
                        + "/sft.learning_rate";
        AtomicInteger bases = new AtomicInteger();
        try (Rlhf4j engine = Rlhf4j.builder()
                .threads(1)
                .console(new CountingConsole(bases, "[base] done in"))
                .build()) {
            Experiment one = Experiment.of(engine, gridFile, "sft.max_steps=1")
                    .output(parts)
                    .resume();
            assertThat(one.run().failures()).isEmpty();
            assertThat(bases).hasValue(1);
            try (Stream<Path> entries = Files.list(parts)) {
                assertThat(entries.map(Path::toString)).noneMatch(name -> name.contains(".tmp-"));
            }
            try (Stream<Path> entries = Files.list(parts)) {
                entries.filter(Files::isDirectory).forEach(AtomicFiles::delete);
            }
            String stages = Files.readString(shared.resolve("runs/tiny/stages.json"))
                    .replace("\"sft.learning_rate", "\"" + outside);
            assertThat(stages).contains("\"" + outside);
            Files.writeString(parts.resolve("stages.json"), stages);
            assertThat(one.run().failures()).isEmpty();
            assertThat(bases).hasValue(2);
        }
    }

    @Test
    void everyNumberOfSummaryJsonIsAMetric() throws IOException {
        Path file = TinyRunFile.write(folder, """
                  grid: {sft.seed: [1]}
                  metrics: [sft.num_tokens, sft.data.dataset.rows, sft.peak_rss_mb, base.data.dataset.trained_tokens]
                """);
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            Map<String, Double> metrics =
                    Experiment.of(engine, file).run().runs().get(0).metrics();

            assertThat(metrics).containsEntry("sft.data.dataset.rows", 4.0);
            assertThat(metrics.get("sft.num_tokens")).isPositive();
            assertThat(metrics.get("base.data.dataset.trained_tokens")).isPositive();
        }
    }

    @Test
    void anAxisOfOneMetricOfSeveralModelsHasItsNameOnce() {
        assertThat(Pictures.axis(List.of("evaluate.dpo.kl", "evaluate.ppo.kl"))).isEqualTo("kl, nats");
        assertThat(Pictures.axis(List.of("evaluate.dpo.kl"))).isEqualTo("evaluate.dpo.kl, nats");
        assertThat(Pictures.axis(List.of("dpo.loss", "evaluate.ppo.kl"))).contains(" | ");
    }

    @Test
    void numbersAreFoundInTreesAndLists() throws IOException {
        JsonNode summary = new ObjectMapper().readTree("""
                {"metrics": {"best_of_8/accuracy": 0.5}, "curve": {"points": [{"n": 1}, {"n": 2, "reward": 0.25}]},
                 "differences": {"a.b-c": {"kl": {"mean": 3, "se": 1, "n": 2}}}}
                """);
        assertThat(Measure.value(summary, "best_of_8/accuracy")).hasValue(0.5);
        assertThat(Measure.value(summary, "curve.points.1.reward")).hasValue(0.25);
        assertThat(Measure.value(summary, "differences.a.b-c.kl")).hasValue(3);
        assertThat(Measure.value(summary, "differences.a.b-c.kl.n")).hasValue(2);
        assertThat(Measure.value(summary, "curve.points.2.reward")).isEmpty();
        assertThat(Measure.value(summary, "curve.points.x")).isEmpty();
        assertThat(Measure.value(summary, "curve")).isEmpty();
    }

    @Test
    void mistakesAreFoundBeforeAnythingRuns() throws IOException {
        assertMistake(
                "  grid: {sft.learning_rat: [1, 2]}\n  metrics: [sft.loss]\n", "sft.learning_rat is not a known key");
        assertMistake(
                "  grid: {dpo.beta: [1, 2]}\n  metrics: [sft.loss]\n",
                "dpo.beta (tiny.yaml:",
                "names no stage of this run");
        assertMistake(
                "  grid: {seed: []}\n  metrics: [sft.loss]\n",
                "experiment.grid.seed must be a list with at least one value, but is empty");
        assertMistake("  grid: {seed: [1]}\n  metrics: [sft.los]\n", "no stage gives a metric los", "loss");
        assertMistake(
                "  grid: {seed: [1]}\n  metrics: [sft.objective/kl]\n",
                "stage sft of type sft gives no metric objective/kl, which is of ppo, online_dpo");
        assertMistake("  grid: {seed: [1]}\n  metrics: [dpo.loss]\n", "dpo.loss must be a stage's name", "base, sft");
        assertMistake("  grid: {seed: [1]}\n", "experiment.metrics is missing");
        assertMistake("  grids: {seed: [1]}\n", "experiment.grids is not a known key", "did you mean grid?");
        assertMistake("  each: {seed: [1, 2], sft.seed: [1]}\n  metrics: [sft.loss]\n", "seed has 2, sft.seed has 1");
        assertMistake(
                "  grid: {seed: [1, 2]}\n  metrics: [sft.loss]\n  budget: {runs: 1}\n",
                "experiment.budget.runs is 1, but the experiment has 2 runs");
        assertMistake("  grid: {seed: [1, 1]}\n  metrics: [sft.loss]\n", "has the run seed=1 twice");
        assertMistake(
                "  grid: {seed: [1, 2]}\n  baseline: {sft.seed: 4}\n  metrics: [sft.loss]\n",
                "experiment.baseline must name one group");
        assertMistake("  grid: {name: [a, b]}\n  metrics: [sft.loss]\n", "experiment.grid.name cannot be varied");
        assertMistake("  grid: {base.seed: [1]}\n  metrics: [base.eval_loss]\n", "base.eval_loss needs held-out data");
    }

    private void assertMistake(String section, String... parts) throws IOException {
        Path file = TinyRunFile.write(folder, section);
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            assertThatThrownBy(() -> Experiment.of(engine, file).run())
                    .isInstanceOf(UserError.class)
                    .hasMessageContainingAll(parts);
        }
        assertThat(folder.resolve("runs")).doesNotExist();
    }

    @Test
    void listAndEachTieKeysTogether() throws IOException {
        Path file = TinyRunFile.write(folder, """
              list: [{sft.learning_rate: 1e-3}, {sft.max_steps: 2}]
              each: {sft.seed: [1, 2], sft.batch_size: [1, 2]}
              metrics: sft.loss
            """);
        try (Rlhf4j engine = Rlhf4j.builder().threads(1).build()) {
            ExperimentPlan plan = new Planner(engine, file, List.of())
                    .plan(new Experiment.Given(List.of(), List.of(), List.of(), List.of(), Map.of(), Optional.empty()));

            assertThat(plan.runs())
                    .extracting(run -> run.values().label())
                    .containsExactly(
                            "sft.learning_rate=0.001, sft.seed=1, sft.batch_size=1",
                            "sft.learning_rate=0.001, sft.seed=2, sft.batch_size=2",
                            "sft.max_steps=2, sft.seed=1, sft.batch_size=1",
                            "sft.max_steps=2, sft.seed=2, sft.batch_size=2");
            assertThat(plan.distinctStages()).isEqualTo(5); // the base once
            assertThat(plan.largest()).isPositive();
            plan.requireMemory(2, OptionalLong.of(2 * plan.largest()));
            assertThatThrownBy(() -> plan.requireMemory(3, OptionalLong.of(2 * plan.largest())))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("3 runs at a time")
                    .hasMessageEndingWith("at most --jobs 2 or --cluster processes:2");
            Costs costs = Costs.of(plan.runs(), 1);
            assertThat(costs.seconds()).isPositive();
            assertThat(costs.isMeasured()).isFalse();
            assertThat(costs.unknown()).isEmpty();
        }
    }
}
