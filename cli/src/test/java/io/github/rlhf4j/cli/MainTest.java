package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real command line in this process, with a stage of the tests' own. */
class MainTest {
    private static final String RUN = """
            name: r
            seed: 7
            stages:
              a: {type: toy}
              b: {type: toy, model: a, rate: 2}
              c: {type: toy, model: b, steps: 4}
            """;

    @TempDir
    Path folder;

    private String out = "";
    private String err = "";

    @BeforeEach
    void writeRunFile() throws IOException {
        Files.writeString(folder.resolve("run.yaml"), RUN);
    }

    @Test
    void aRunLeavesWhatTheDesignNames() throws IOException {
        assertThat(run()).as(err).isZero();
        assertThat(out).isEmpty();
        JsonNode stages = json("summary.json").path("stages");
        assertThat(stages.properties()).extracting(Map.Entry::getKey).containsExactly("a", "b", "c");
        JsonNode b = stages.path("b");
        assertThat(b.path("type").asText()).isEqualTo("toy");
        assertThat(b.path("metrics").path("loss").asDouble()).isEqualTo(1 / 6.0);
        assertThat(b.path("metrics").path("eval_level").asDouble()).isEqualTo(6);
        assertThat(b.path("seconds").isNumber()).isTrue();
        assertThat(b.path("prepare_seconds").isNumber()).isTrue();
        assertThat(b.path("peak_rss_mb").isNumber()).isTrue();
        assertThat(runs("b/config.yaml")).content().contains("rate: 2  # run.yaml:5", "steps: 3  # default");
        assertThat(runs("b/metrics.jsonl")).content().startsWith("{\"step\":1,");
        assertThat(runs("b/model/level.txt")).hasContent("6.0 from a");
        JsonNode provenance = json("b/provenance.json");
        assertThat(provenance.path("toy").asDouble()).isEqualTo(6);
        assertThat(provenance.path("parents").path("a").asText()).hasSize(64);
        assertThat(provenance.path("config").path("rate").path("origin").asText())
                .isEqualTo("run.yaml:5");
        assertThat(provenance.path("seeds").path("run").asLong()).isEqualTo(7);
        assertThat(runs("report.html")).content().startsWith("<!DOCTYPE html>");
    }

    @Test
    void theEffectiveConfigurationIsPrintedWithOrigins() {
        assertThat(run("c.rate=1", "--dry-run")).isZero();
        assertThat(err).contains("seed=7 (run.yaml:2)", "(command line)", "defaults: steps=3");
        assertThat(folder.resolve("runs/r")).doesNotExist();
    }

    @Test
    void stagesGetDifferentSeedsThatFollowTheRuns() throws IOException {
        run();
        long a = stageSeed("a");
        assertThat(stageSeed("b")).isNotEqualTo(a);
        run("--overwrite", "seed=8", "b.seed=5");
        assertThat(stageSeed("a")).isNotEqualTo(a);
        assertThat(stageSeed("b")).isEqualTo(5);
    }

    @Test
    void aRunFolderThatExistsIsRefused() {
        assertThat(run()).isZero();
        assertThat(run()).isEqualTo(2);
        assertThat(err).contains("already exists", "--resume", "--overwrite");
        assertThat(run("--overwrite")).isZero();
        assertThat(run("--resume")).isZero();
        assertThat(err).contains("every stage is complete already");
    }

    @Test
    void mistakesOfAllStagesAreReportedBeforeAnyStarts() {
        assertThat(run("a.stepz=1", "b.steps=0", "b.rate=-1", "c.model=bb")).isEqualTo(2);
        assertThat(err)
                .contains(
                        "a.stepz is not a known key; did you mean steps? (command line)",
                        "b.steps must be >= 1, but is 0 (command line)",
                        "b.rate must be > 0, but is -1.0 (command line)",
                        "c.model: bb is no folder nor an earlier stage (a, b); did you mean b? (command line)")
                .doesNotContain("\tat ");
        assertThat(folder.resolve("runs")).doesNotExist();
    }

    @Test
    void anUnknownTypeHasASuggestion() {
        assertThat(run("a.type=toi")).isEqualTo(2);
        assertThat(err).contains("a.type must be one of ", "but is toi; did you mean toy? (command line)");
    }

    @Test
    void aStageCannotReadALaterOne() {
        assertThat(run("a.model=b")).isEqualTo(2);
        assertThat(err).contains("a.model: b is a stage that does not come before this one");
    }

    @Test
    void aStagesOwnCheckNamesTheStage() {
        assertThat(run("b.trouble=check")).isEqualTo(2);
        assertThat(err).contains("stage b: trouble must not be check");
    }

    @Test
    void aMistakeInTheDataLeavesNothingHalfWritten() {
        assertThat(run("a.trouble=data")).isEqualTo(2);
        assertThat(err).contains("rlhf4j: data.jsonl:3 is malformed").doesNotContain("\tat ");
        assertThat(folder.resolve("runs/r")).doesNotExist();
        assertThat(run()).isZero();
    }

    @Test
    void aFailedSelfCheckEndsWithThree() {
        assertThat(run("a.trouble=self_check")).isEqualTo(3);
        assertThat(err).contains("self-check failed");
    }

    @Test
    void aBugEndsWithOneInOneLineAndATraceInAFile() throws IOException {
        assertThat(run("a.trouble=bug")).isEqualTo(1);
        assertThat(err).doesNotContain("\tat ");
        String line = err.lines()
                .filter(text -> text.startsWith("rlhf4j: "))
                .findFirst()
                .orElseThrow();
        assertThat(line).startsWith("rlhf4j: run failed: IllegalStateException: a bug on (the full trace is in ");
        Path trace = Path.of(line.replaceFirst(".*trace is in ", "").replace(")", ""));
        assertThat(trace).content().contains("two lines", "ToyStage");
        Files.delete(trace);
    }

    @Test
    void aRunThatBrokeDownIsResumedToTheSameBytes() throws IOException {
        assertThat(run("c.trouble=halfway")).isEqualTo(1);
        assertThat(run("c.trouble=halfway", "--resume")).isZero();
        assertThat(err).contains("[a] complete, reused", "[c] resumed from step 2");
        String resumed = Files.readString(runs("c/metrics.jsonl"));
        run("--overwrite");
        assertThat(runs("c/metrics.jsonl")).hasContent(resumed);
    }

    @Test
    void theLinesOfARunStayInItsLogAlsoOverAResumption() throws IOException {
        run("c.trouble=halfway");
        String broken = err;
        run("c.trouble=halfway", "--resume");

        List<String> log = Files.readAllLines(runs("run.log"));
        assertThat(log).allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d  .*"));
        List<String> lines = log.stream().map(line -> line.substring(21)).toList();
        assertThat(lines).containsExactlyElementsOf((broken + err).lines().toList());
        assertThat(lines).anyMatch(line -> line.startsWith("rlhf4j: run failed"));
    }

    @Test
    void aStageEndsWithALineOfResults() {
        run();
        assertThat(err).containsPattern("\\[b\\] done in [0-9.]+ s: loss 0\\.1667, eval_level 6\n");
    }

    @Test
    void resumingWithAnotherConfigurationIsRefused() {
        run("c.trouble=halfway");
        assertThat(run("c.trouble=halfway", "a.rate=0.7", "--resume")).isEqualTo(2);
        assertThat(err).contains("the configuration of stage a has changed since it ran (rate: 0.5 -> 0.7)");
        assertThat(run("c.trouble=none", "--resume")).isEqualTo(2);
        assertThat(err).contains("trouble: halfway -> none");
    }

    @Test
    void fromRunsThatStageAndThoseAfterIt() throws IOException {
        run();
        assertThat(run("b.rate=3", "--from", "b")).isZero();
        assertThat(err).contains("[a] complete, reused", "[b] toy", "[c] toy");
        assertThat(runs("b/model/level.txt")).hasContent("9.0 from a");
        assertThat(run("a.rate=9", "--from", "b")).isEqualTo(2);
        assertThat(err).contains("stage a has changed");
        assertThat(run("--from", "d")).isEqualTo(2);
        assertThat(err).contains("--from d names no stage");
        assertThat(run("--only", "d", "--dry-run")).isEqualTo(2);
        assertThat(err).contains("--only d names no stage");
    }

    @Test
    void onlyRunsOneStageAndWhatWasMadeFromItsOldModelIsNotReused() {
        run();
        assertThat(run("a.rate=3", "--only", "a")).isZero();
        assertThat(err).doesNotContain("[b] toy");
        assertThat(run("a.rate=3", "--only", "c")).isEqualTo(2);
        assertThat(err).contains("stage b was made from another model of stage a than the present one");
    }

    @Test
    void onlyNeedsWhatTheStageReads() {
        assertThat(run("--only", "b")).isEqualTo(2);
        assertThat(err).contains("stage a is not complete");
    }

    @Test
    void aFolderInUseIsRefused() throws IOException {
        Files.createDirectories(folder.resolve("runs/r"));
        try (FileChannel channel =
                FileChannel.open(folder.resolve("runs/r/.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            assertThat(run()).isEqualTo(2);
        }
        assertThat(err).contains("another process is working in");
    }

    @Test
    void contradictoryAndUnknownOptionsAreMistakes() {
        assertThat(run("--resume", "--overwrite")).isEqualTo(2);
        assertThat(run("--from", "a", "--only", "b")).isEqualTo(2);
        assertThat(run("--no-such-option")).isEqualTo(2);
        assertThat(execute("frobnicate")).isEqualTo(2);
        assertThat(execute()).isEqualTo(2);
        assertThat(execute("run", "no-such.yaml")).isEqualTo(2);
        assertThat(err).contains("no-such.yaml does not exist");
    }

    @Test
    void helpGoesToStandardOutput() {
        assertThat(execute("--help")).isZero();
        assertThat(out).contains("run", "Exit codes");
        assertThat(execute("run", "--help")).isZero();
        assertThat(out).contains("--overwrite");
    }

    @Test
    void messagesShowWhatDataHoldAsText() throws IOException {
        Path data = folder.resolve("a.jsonl");
        Files.writeString(data, "{\"x\u009b2J\\u001b[2J\\n\": 1}\n");

        assertThat(execute("inspect", data.toString())).isEqualTo(2);
        assertThat(err).contains("its columns [x\\u009b2J\\u001b[2J\\n] are of no known format");
        assertThat(err.lines()).hasSize(1);
    }

    private int run(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("run", folder.resolve("run.yaml").toString()));
        all.add("output_dir=" + folder.resolve("runs"));
        all.addAll(List.of(arguments));
        return execute(all.toArray(String[]::new));
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.run(
                arguments,
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private long stageSeed(String stage) throws IOException {
        return json(stage + "/provenance.json").path("seeds").path("stage").asLong();
    }

    private Path runs(String name) {
        return folder.resolve("runs/r").resolve(name);
    }

    private JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(runs(name).toFile());
    }
}
