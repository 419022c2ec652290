package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.stage.StageListener.Level;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Rlhf4jTest {
    @TempDir
    Path folder;

    private final Rlhf4j rlhf4j = Rlhf4j.builder().threads(1).build();
    private Path model = Path.of("");

    @BeforeEach
    void writeModel() {
        model = TinyModel.llama().write(folder.resolve("start"));
    }

    @AfterEach
    void close() {
        rlhf4j.close();
    }

    private Path data(TinyData data) {
        return Path.of(data.write(folder).path());
    }

    private RunBuilder sft(String name) {
        return rlhf4j.stage("sft")
                .model(model)
                .dataset(data(TinyData.DEMONSTRATIONS))
                .set("learning_rate", 1e-3)
                .set("batch_size", 4)
                .set("max_steps", 3)
                .set("logging_steps", 1)
                .output(folder.resolve(name));
    }

    private static byte[] weights(Run run) throws IOException {
        return Files.readAllBytes(run.stage("sft").modelFolder().resolve("model.safetensors"));
    }

    @Test
    void aRunInJavaGivesTheBytesOfTheRunFile() throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, """
                name: file
                seed: 7
                output_dir: %s
                stages:
                  sft: {type: sft, model: %s, dataset: %s, learning_rate: 1e-3, batch_size: 4, max_steps: 3, logging_steps: 1}
                  dpo: {type: dpo, model: sft, dataset: {path: %s, limit: 8}, max_steps: 2, batch_size: 2, loss_type: [sigmoid, sft], loss_weights: [1, 0.5]}
                """.formatted(folder, model, data(TinyData.DEMONSTRATIONS), data(TinyData.PAIRS)));

        Run ofFile = rlhf4j.run(file);
        Run ofJava = sft("java")
                .seed(7)
                .stage("dpo")
                .model("sft")
                .dataset(data(TinyData.PAIRS))
                .set("dataset.limit", 8)
                .set(Map.of("max_steps", 2, "batch_size", 2))
                .set("loss_type", List.of("sigmoid", "sft"))
                .set("loss_weights", new double[] {1, 0.5})
                .run();

        for (String each : List.of("sft", "dpo")) {
            for (String name : List.of("metrics.jsonl", "model/model.safetensors", "model/config.json")) {
                assertThat(ofJava.stage(each).folder().resolve(name))
                        .as(each + "/" + name)
                        .hasSameBinaryContentAs(ofFile.stage(each).folder().resolve(name));
            }
        }
    }

    @Test
    void aCompleteRunIsResumedWithoutRunningAgain() {
        Run first = sft("run").run();

        Run again = sft("run").resume().run();

        assertThat(again.stage("sft").metrics()).isEqualTo(first.stage("sft").metrics());
    }

    @Test
    void listenersHearOfEveryStepMetricMessageAndStage() {
        List<String> heard = new ArrayList<>();
        Run run = sft("run").listen(new Hearing(heard)).run();

        assertThat(heard)
                .containsSubsequence(
                        "start run",
                        "sft begins",
                        "step 1 of 3",
                        "metrics 1",
                        "step 2 of 3",
                        "metrics 2",
                        "step 3 of 3",
                        "metrics 3",
                        "sft done");
        assertThat(run.stage("sft").history())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).containsKeys("step", "loss", "grad_norm"));
        assertThat(run.stage("sft").metric("loss"))
                .isEqualTo(run.stage("sft").history().get(2).get("loss"));
        assertThat(run.report()).isRegularFile();
    }

    private record Hearing(List<String> heard) implements RunListener {
        @Override
        public void onStart(Path folder) {
            heard.add("start " + folder.getFileName());
        }

        @Override
        public void onStageStart(String stage, String type) {
            heard.add(stage + " begins");
        }

        @Override
        public void onStep(String stage, long step, long steps, StepResult result) {
            heard.add("step " + step + " of " + steps);
        }

        @Override
        public void onMetrics(String stage, long step, Map<String, Double> metrics) {
            assertThat(metrics).containsKey("loss").doesNotContainKey("step");
            heard.add("metrics " + step);
        }

        @Override
        public void onMessage(String stage, Level level, String message) {
            heard.add(level + " " + message);
        }

        @Override
        public void onStageDone(StageResult stage) {
            assertThat(stage.hasLanguageModel()).isTrue();
            heard.add(stage.name() + " done");
        }
    }

    @Test
    void mistakesAreOneUserErrorThatNamesKeysAndValues() {
        RunBuilder run = sft("run").set("learning_rate", -1).set("bach_size", 4).set("max_length", "long");

        assertThatThrownBy(run::check)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sft.learning_rate must be")
                .hasMessageContaining("sft.bach_size is not a known key; did you mean batch_size?")
                .hasMessageContaining("sft.max_length must be a whole number, but is long (set in Java)");
        assertThatThrownBy(run::run).isInstanceOf(UserError.class);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void whatCannotBeAValueOrHasNoStageIsRefused() {
        assertThatThrownBy(() -> sft("run").set("learning_rate", new Object()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cannot be set");
        assertThatThrownBy(() -> rlhf4j.newRun(folder.resolve("run")).set("beta", 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("begin one with stage(type) first");
        assertThatThrownBy(() -> rlhf4j.newRun(folder.resolve("run")).check())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a run needs at least one stage");
        assertThatThrownBy(() -> Rlhf4j.builder().kernels("gpu").build())
                .isInstanceOf(UserError.class)
                .hasMessage("kernels must be one of cpu, nd4j, but is gpu");
    }

    @Test
    void aRunThatIsInTheFolderIsKept() {
        sft("run").run();

        assertThatThrownBy(() -> sft("run").run()).isInstanceOf(UserError.class).hasMessageContaining("already exists");
        assertThat(sft("run").overwrite().run().stage("sft").type()).isEqualTo("sft");
    }

    @Test
    void aModelOfARunWritesTheSameTextEveryTime() {
        Run run = sft("run").run();
        GenerationOptions options =
                GenerationOptions.builder().maxNewTokens(12).seed(3).build();
        List<String> texts = new ArrayList<>();
        try (LanguageModel written = run.model()) {
            texts.add(written.generate("Is the sky blue?", options));
            texts.add(written.generate("Is the sky blue?", options));
        }
        try (LanguageModel opened = rlhf4j.languageModel(folder.resolve("run/sft"))) {
            texts.add(opened.generate("Is the sky blue?", options));
            assertThat(opened.generate(
                            List.of("a", "b"), options.toBuilder().samples(2).build()))
                    .hasSize(4);
            assertThatThrownBy(() -> opened.chat(List.of(new ChatMessage("user", "Hello"))))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("has no chat template");
        }
        assertThat(texts).containsOnly(texts.get(0));
    }

    @Test
    void aRewardModelScoresAsItScoresEveryTime() {
        Run run = rlhf4j.stage("reward")
                .model(model)
                .dataset(data(TinyData.PAIRS))
                .set("max_steps", 2)
                .set("batch_size", 2)
                .output(folder.resolve("reward"))
                .run();

        try (RewardModel scorer = run.stage("reward").rewardModel()) {
            double first = scorer.score("Which colour is the sky? ", "It is blue.");
            assertThat(first).isFinite().isEqualTo(scorer.score("Which colour is the sky? ", "It is blue."));
            assertThat(scorer.score("Which colour is the sky? ", "No idea.")).isNotEqualTo(first);
            assertThat(scorer.scores("Which colour is the sky? ", List.of("No idea.", "It is blue."))[1])
                    .isCloseTo(first, within(1e-5));
        }
        assertThatThrownBy(run::model).isInstanceOf(UserError.class).hasMessageContaining("no stage in");
        assertThatThrownBy(() -> rlhf4j.rewardModel(model))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is a language model, which gives no scores");
    }

    @Test
    void logProbsAreOfEveryTokenAfterTheFirst() {
        try (LanguageModel opened = rlhf4j.languageModel(model)) {
            Scorer.Scored scored = opened.logProbs("The sky is blue.");
            assertThat(scored.logProbs()).hasSize(scored.ids().length - 1);
            assertThat(scored.sumLogProb()).isNegative();
            assertThat(opened.logProbs("The sky ", "is blue.").ids()).hasSize(scored.ids().length + 1);
        }
    }

    @Test
    void anAnswerComesInPiecesAndEndsBeforeAStopText() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:");
        try (LanguageModel opened = rlhf4j.languageModel(model)) {
            List<ChatMessage> messages = List.of(new ChatMessage("user", "Is the sky blue?"));
            GenerationOptions options =
                    GenerationOptions.builder().maxNewTokens(16).build();
            StringBuilder pieces = new StringBuilder();
            String answer = opened.chat(messages, options, pieces::append);
            assertThat(answer).isEqualTo(pieces.toString()).isNotEmpty();

            String stop = answer.substring(answer.length() / 2, answer.length() / 2 + 2);
            assertThat(opened.chat(messages, options.toBuilder().stop(stop).build()))
                    .isEqualTo(answer.substring(0, answer.indexOf(stop)));
        }
    }

    @Test
    void aPathIsNoStageEvenIfItIsCalledLikeOne() {
        assertThatThrownBy(() -> sft("run")
                        .stage("dpo")
                        .model(Path.of("sft"))
                        .dataset(data(TinyData.PAIRS))
                        .check())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("dpo.model: ./sft is no folder");
    }

    @Test
    void aClosedEngineHasClosedItsModels() {
        LanguageModel opened;
        try (Rlhf4j other = Rlhf4j.builder().threads(1).build()) {
            opened = other.languageModel(model);
        }
        assertThatThrownBy(() -> opened.generate("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void closingAnEngineStopsItsRunsAfterTheirStep() {
        Rlhf4j other = Rlhf4j.builder().threads(1).build();
        CountDownLatch trained = new CountDownLatch(1);
        CompletableFuture<Run> run = CompletableFuture.supplyAsync(() -> other.stage("sft")
                .model(model)
                .dataset(data(TinyData.DEMONSTRATIONS))
                .set("max_steps", 100_000)
                .output(folder.resolve("long"))
                .listen(new RunListener() {
                    @Override
                    public void onStep(String stage, long step, long steps, StepResult result) {
                        trained.countDown();
                    }
                })
                .run());
        assertThat(await(trained)).isTrue();
        other.close();

        assertThatThrownBy(run::join).hasCauseInstanceOf(StoppedException.class);
        assertThatThrownBy(() -> other.stage("sft").run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this engine is closed");
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(2, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void aStoppedRunGoesOnToTheBytesOfAnUnbrokenOne() throws IOException {
        AtomicLong steps = new AtomicLong();
        RunListener counting = new RunListener() {
            @Override
            public void onStep(String stage, long step, long of, StepResult result) {
                steps.set(step);
            }
        };
        Run unbroken = sft("unbroken").seed(3).run();

        assertThatThrownBy(() -> sft("broken")
                        .seed(3)
                        .listen(counting)
                        .stopOn(() -> steps.get() == 2)
                        .run())
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("after step 2 of 3");
        Run resumed = sft("broken").seed(3).resume().run();

        assertThat(weights(resumed)).isEqualTo(weights(unbroken));
    }

    @Test
    void othersSeeHowFarARunIsAndStopItByAFile() throws IOException {
        List<RunProcess> seen = new ArrayList<>();
        Path run = folder.resolve("watched");
        RunListener asking = new RunListener() {
            @Override
            public void onStep(String stage, long step, long of, StepResult result) {
                seen.add(RunProcess.of(run).orElseThrow());
                if (step == 2) {
                    RunProcess.askToStop(run);
                }
            }
        };
        Run unbroken = sft("unwatched").seed(3).run();

        assertThatThrownBy(() -> sft("watched").seed(3).listen(asking).run())
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("after step 2 of 3");

        assertThat(seen).allSatisfy(process -> {
            assertThat(process.state()).isEqualTo(RunProcess.State.RUNNING);
            assertThat(process.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(process.stages()).containsExactly("sft");
            assertThat(process.stage()).isEqualTo("sft");
        });
        RunProcess stopped = RunProcess.of(run).orElseThrow();
        assertThat(stopped.state()).isEqualTo(RunProcess.State.STOPPED);
        assertThat(stopped.message()).contains("after step 2 of 3");
        assertThatThrownBy(() -> RunProcess.askToStop(run)).hasMessageContaining("no process is at work in");
        assertThat(run.resolve(".stop")).doesNotExist();

        Run resumed = sft("watched").seed(3).resume().run();
        assertThat(weights(resumed)).isEqualTo(weights(unbroken));
        assertThat(RunProcess.of(run).orElseThrow().state()).isEqualTo(RunProcess.State.DONE);
    }

    @Test
    void aCheckpointThatIsWishedByAFileChangesNothing() throws IOException {
        List<String> checkpoints = new ArrayList<>();
        Path run = folder.resolve("wished");
        RunListener asking = new RunListener() {
            @Override
            public void onStep(String stage, long step, long of, StepResult result) {
                checkpoints.addAll(List.of(Objects.requireNonNullElse(
                        run.resolve("sft/checkpoints").toFile().list(), new String[] {"none"})));
                if (step < 3) {
                    RunProcess.askForCheckpoint(run);
                }
            }
        };
        Run plain = sft("plain").seed(3).run();
        Run wished = sft("wished").seed(3).listen(asking).run();

        assertThat(checkpoints).containsExactly("none", "stop-1", "stop-2");
        assertThat(weights(wished)).isEqualTo(weights(plain));
        assertThat(run.resolve("sft/checkpoints")).doesNotExist();
        assertThat(run.resolve("sft/metrics.jsonl")).hasSameBinaryContentAs(folder.resolve("plain/sft/metrics.jsonl"));
    }

    @Test
    void aRunThatFailsSaysSo() {
        Path run = folder.resolve("fails");
        RunListener failing = new RunListener() {
            @Override
            public void onStep(String stage, long step, long of, StepResult result) {
                throw new IllegalStateException("on purpose");
            }
        };
        assertThatThrownBy(() -> sft("fails").listen(failing).run()).hasMessageContaining("on purpose");
        RunProcess process = RunProcess.of(run).orElseThrow();
        assertThat(process.state()).isEqualTo(RunProcess.State.FAILED);
        assertThat(process.message()).contains("on purpose");
    }

    @Test
    void aRewardIsALambdaOverTheColumnsOfTheRow() {
        Path prompts = Path.of(TinyData.write(
                        folder.resolve("sums.jsonl"),
                        List.of(
                                "{\"prompt\": \"1 + 1 = \", \"answer\": 2}",
                                "{\"prompt\": \"1 + 2 = \", \"answer\": 3}"))
                .path());
        Run run = ppo(rlhf4j, prompts)
                .reward("right", answer -> answer.response().contains(answer.text("answer")) ? 1 : -answer.tokens())
                .run();

        assertThat(run.stage("ppo").metrics()).containsKey("objective/scores");
        assertThat(run.stage("ppo").samples()).isNotEmpty();
    }

    private RunBuilder ppo(Rlhf4j engine, Path prompts) {
        return engine.stage("ppo")
                .model(model)
                .dataset(prompts)
                .set("batch_size", 2)
                .set("max_steps", 1)
                .set("logging_steps", 1)
                .set("response_length", 4)
                .output(folder.resolve("ppo"));
    }

    /** Sums of numbers up to the location. */
    private static final class Sums implements DatasetSource {
        @Override
        public RecordKind kind(DatasetRequest request) {
            return RecordKind.PROMPT_COMPLETION;
        }

        @Override
        public Stream<PromptCompletion> records(DatasetRequest request) {
            int most = request.location().isEmpty() ? 4 : Integer.parseInt(request.location());
            return IntStream.rangeClosed(1, most)
                    .mapToObj(i -> new PromptCompletion(i + " + 1 = ", String.valueOf(i + 1)));
        }
    }

    @Test
    void aDatasetIsAnObject() throws IOException {
        Run run = sft("run").dataset("sums", new Sums()).run();
        Run more =
                sft("more").dataset("sums", new Sums()).set("dataset", "sums:6").run();

        assertThat(more.stage("sft").metric("epoch"))
                .isLessThan(run.stage("sft").metric("epoch"));
        assertThat(Files.readString(more.stage("sft").folder().resolve("config.yaml")))
                .contains("dataset: sums:6");
    }

    @Test
    void aModuleOfTheUsersIsUsed() {
        AbstractModule module = new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder())
                        .bind(
                                "short",
                                answers -> answers.stream()
                                        .mapToDouble(answer -> -answer.tokens())
                                        .toArray());
            }
        };
        try (Rlhf4j engine = Rlhf4j.create(module)) {
            Run run = ppo(engine, data(TinyData.PROMPTS))
                    .set("reward_function", "short")
                    .run();
            assertThat(run.stage("ppo").metric("objective/scores")).isBetween(-4.0, -1.0);
        }
    }

    @Test
    void twoRunsAtOnceGiveTheBytesOfEachAlone() throws Exception {
        Run alone = sft("alone").run();
        RunBuilder first = sft("first"); // writes its data: before another run may read it
        RunBuilder second = sft("second");
        CompletableFuture<Run> ofFirst = CompletableFuture.supplyAsync(first::run);
        CompletableFuture<Run> ofSecond = CompletableFuture.supplyAsync(second::run);

        assertThat(weights(ofFirst.get())).isEqualTo(weights(alone));
        assertThat(weights(ofSecond.get())).isEqualTo(weights(alone));
    }

    @Test
    void aSecondRunInOneFolderIsRefused() {
        List<String> refused = new ArrayList<>();
        sft("run")
                .listen(new RunListener() {
                    @Override
                    public void onStageStart(String stage, String type) {
                        CompletableFuture.runAsync(() -> {
                                    try {
                                        sft("run").overwrite().run();
                                    } catch (UserError e) {
                                        refused.add(String.valueOf(e.getMessage()));
                                    }
                                })
                                .join();
                    }
                })
                .run();

        assertThat(refused).singleElement().asString().contains("another run of this process is working in");
    }
}
