package io.github.rlhf4j.tinker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model, trained and sampled over HTTP as the SDK does it. */
class TinkerServerTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final int[] IDS = {5, 9, 17, 3, 22, 41, 8, 30, 12}; // eight targets: 1 / 8 is exact
    private static final double RATE = 1e-2;

    @TempDir
    static Path folder;

    private static Transformer model;
    private static HuggingFaceTokenizer tokenizer;
    private static TinkerServer server;
    private static TestClient client;

    @BeforeAll
    static void start() throws IOException {
        TinyModel.llama().context(64).write(folder.resolve("tiny"));
        model = Transformer.load(folder.resolve("tiny"), Set.of(Head.LANGUAGE), KERNELS);
        tokenizer = HuggingFaceTokenizer.open(folder.resolve("tiny"));
        server = start("state");
        client = new TestClient(server.origin());
    }

    private static TinkerServer start(String name) {
        return start(name, InstantSource.system());
    }

    private static TinkerServer start(String name, InstantSource clock) {
        return TinkerServer.start(
                List.of(new BaseModel("tiny", "tiny", folder.resolve("tiny"), model, tokenizer)),
                new TinkerSettings(folder.resolve(name), 0, 16, 2, 64 << 20, Duration.ofMillis(200)),
                WebServer.builder(),
                clock);
    }

    @AfterAll
    static void end() {
        server.close();
        tokenizer.close();
        model.close();
        KERNELS.close();
    }

    private static float[] all(float value) {
        float[] values = new float[IDS.length - 1];
        Arrays.fill(values, value);
        return values;
    }

    private static Wire crossEntropy(String id, long number, float weight) {
        return TestClient.request(id, number, "cross_entropy", TestClient.datum(IDS, Map.of("weights", all(weight))));
    }

    /** Losses of three steps, and what is saved then. */
    private static List<Double> train(TestClient asked, String id, float weight) {
        List<Double> losses = new ArrayList<>();
        for (int step = 0; step < 3; step++) {
            losses.add(asked.compute(crossEntropy(id, 2 * step + 1, weight)).loss());
            JsonNode done = asked.step(id, 2 * step + 2, RATE);
            assertThat(done.path("metrics").path("unclipped_grad_l2:mean").asDouble())
                    .isPositive();
        }
        return losses;
    }

    private static JsonNode save(TestClient asked, String id, long number, String name) {
        return asked.resultOf(
                "save_weights", "{'model_id': '" + id + "', 'seq_id': " + number + ", 'path': '" + name + "'}");
    }

    private static Path saved(String state, String path) {
        return Place.of(path).under(folder.resolve(state));
    }

    private record Own(List<Double> losses, byte[] adapter) {}

    /** The same steps with the trainer and the loss that the stage sft has. */
    private static Own sft() throws IOException {
        List<Double> losses = new ArrayList<>();
        try (Transformer own = Transformer.load(folder.resolve("tiny"), Set.of(Head.LANGUAGE), KERNELS)) {
            own.addAdapter(
                    new LoraConfig(
                            4, 32, false, Optional.of(TargetModules.of(own.config(), own.heads(), module -> true))),
                    CounterRandom.of(7).derive("adapter"));
            try (ModelTrainer trainer = new ModelTrainer(
                    own,
                    RATE,
                    new LearningRateSchedule.Constant(),
                    new OptimizerSettings(0.9, 0.95, 1e-8, 0, 0, 0, false, 0),
                    CounterRandom.of(0))) {
                for (int step = 0; step < 3; step++) {
                    losses.add(trainer.optimize(List.of(WeightedObjective.of(
                                    List.of(List.of(TokenSequence.all(IDS))), new NextTokenLoss())))
                            .loss());
                }
            }
            own.saveAdapter(folder.resolve("own"), "tiny");
        }
        return new Own(losses, Files.readAllBytes(folder.resolve("own/adapter_model.safetensors")));
    }

    @Test
    void trainsAsTheStageSftDoes() throws IOException {
        Own own = sft();
        String id = client.model("tiny", 4, 7);
        List<Double> losses = train(client, id, 1f / 8);
        assertThat(losses).isEqualTo(own.losses());
        assertThat(losses.get(2)).isLessThan(losses.get(0));
        String path = save(client, id, 7, "end").path("path").asText();
        assertThat(path).isEqualTo("tinker://" + id + "/weights/end");
        assertThat(Files.readAllBytes(saved("state", path).resolve("adapter_model.safetensors")))
                .isEqualTo(own.adapter());
    }

    @Test
    void theLossIsASum() {
        String id = client.model("tiny", 4, 7);
        TestClient.Output mean = client.compute(crossEntropy(id, 1, 1f / 8));
        TestClient.Output sum = client.compute(crossEntropy(id, 2, 1));
        assertThat(sum.loss()).isCloseTo(8 * mean.loss(), within(1e-9));
        double ofLogProbs = 0;
        for (float logProb : sum.logProbs()) {
            ofLogProbs -= logProb;
        }
        assertThat(sum.logProbs()).hasSize(8);
        assertThat(ofLogProbs).isCloseTo(sum.loss(), within(1e-5));
    }

    @Test
    void goesOnFromWhatWasSavedToTheSameBytes() throws IOException {
        String id = client.model("tiny", 4, 7);
        train(client, id, 1);
        String path = save(client, id, 7, "half").path("path").asText();
        client.compute(crossEntropy(id, 8, 1));
        client.step(id, 9, RATE);
        Path unbroken = saved("state", save(client, id, 10, "end").path("path").asText());
        JsonNode loaded = client.resultOf(
                "load_weights",
                "{'session_id': '" + client.session() + "', 'model_seq_id': 0, 'path': '" + path
                        + "', 'optimizer': true}");
        String second = loaded.path("model_id").asText();
        client.compute(crossEntropy(second, 1, 1));
        client.step(second, 2, RATE);
        Path resumed =
                saved("state", save(client, second, 3, "end").path("path").asText());
        for (String file : List.of("adapter_model.safetensors", "optimizer.safetensors", "checkpoint.json")) {
            assertThat(Files.readAllBytes(resumed.resolve(file)))
                    .as(file)
                    .isEqualTo(Files.readAllBytes(unbroken.resolve(file)));
        }
        client.resultOf( // weights alone: the optimiser begins again
                "load_weights",
                "{'model_id': '" + second + "', 'seq_id': 4, 'path': '" + path + "', 'optimizer': false}");
        client.compute(crossEntropy(second, 5, 1));
        client.step(second, 6, RATE);
        Path fresh =
                saved("state", save(client, second, 7, "fresh").path("path").asText());
        assertThat(Files.readAllBytes(fresh.resolve("adapter_model.safetensors")))
                .isNotEqualTo(Files.readAllBytes(unbroken.resolve("adapter_model.safetensors")));
    }

    @Test
    void requestsAreDoneInTheOrderOfTheirNumbers() {
        String id = client.model("tiny", 4, 7);
        String ordered = client.model("tiny", 4, 7);
        JsonNode late = client.submit(crossEntropy(id, 2, 1));
        assertThat(client.post(
                                "retrieve_future",
                                "{'request_id': '" + late.path("request_id").asText() + "'}")
                        .statusCode())
                .isEqualTo(408);
        JsonNode early = client.submit(crossEntropy(id, 1, 3));
        assertThat(client.submit(crossEntropy(id, 1, 3))).isEqualTo(early); // sent again: once
        client.result(late);
        client.compute(crossEntropy(ordered, 1, 3));
        client.compute(crossEntropy(ordered, 2, 1));
        assertThat(client.step(id, 3, RATE)).isEqualTo(client.step(ordered, 3, RATE));
        assertThat(client.compute(crossEntropy(id, 4, 1)).loss())
                .isEqualTo(client.compute(crossEntropy(ordered, 4, 1)).loss());
    }

    @Test
    void lossesOfReinforcementAreThoseOfTheDocumentation() {
        String id = client.model("tiny", 4, 7);
        float[] logProbs = client.compute(crossEntropy(id, 1, 0)).logProbs();
        float[] old = logProbs.clone();
        old[1] += 1f; // a ratio of exp(-1)
        old[2] -= 1f; // of e
        old[3] -= 2f; // of e^2, more than 4
        float[] advantages = {0, 1, 1, -1, -1, 0.5f, 2, -2};
        double[] expected = new double[4];
        for (int t = 0; t < old.length; t++) {
            double far = (double) logProbs[t] - old[t];
            double ratio = Math.exp(far);
            double clipped = Math.max(0.8, Math.min(1.2, ratio));
            expected[0] -= ratio * advantages[t];
            expected[1] -= Math.min(ratio * advantages[t], clipped * advantages[t]);
            expected[2] -= Math.min(4, ratio) * advantages[t] * logProbs[t];
            expected[3] -= advantages[t] * logProbs[t] - 0.05 / 2 * far * far;
        }
        List<String> names = List.of("importance_sampling", "ppo", "cispo", "dro");
        for (int i = 0; i < names.size(); i++) {
            Wire datum = TestClient.datum(IDS, Map.of("logprobs", old, "advantages", advantages));
            double loss = client.compute(TestClient.request(id, 2 + i, names.get(i), datum))
                    .loss();
            assertThat(loss).as(names.get(i)).isCloseTo(expected[i], within(1e-5));
        }
        assertThat(client.step(id, 6, RATE).path("type").asText()).isEqualTo("optim_step");
    }

    @Test
    void gspoClipsTheRatioOfTheWholeSequence() {
        String id = client.model("tiny", 4, 7);
        float[] logProbs = client.compute(crossEntropy(id, 1, 0)).logProbs();
        float[] old = logProbs.clone();
        old[1] -= 0.3f; // counts
        old[2] += 0.1f; // counts
        old[3] -= 5f; // is not among those that are marked
        float[] mask = {0, 1, 1, 0, 1, 1, 1, 1};
        float[] up = {0, 1, 2, 3, 1, 0, 1, 1};
        float[] down = {0, -1, -2, -3, -1, 0, -1, -1};
        double ratio = Math.exp((0.3 - 0.1) / 6);
        double sum = 9;
        assertThat(gspo(id, 2, old, up, mask)).isCloseTo(-(1 + 4e-4) * sum, within(1e-5)); // clipped
        assertThat(client.step(id, 3, 0)
                        .path("metrics")
                        .path("unclipped_grad_l2:mean")
                        .asDouble())
                .isZero();
        assertThat(gspo(id, 4, old, down, mask)).isCloseTo(ratio * sum, within(1e-5));
        assertThat(client.step(id, 5, 0)
                        .path("metrics")
                        .path("unclipped_grad_l2:mean")
                        .asDouble())
                .isPositive();
    }

    private static double gspo(String id, long number, float[] old, float[] advantages, float[] mask) {
        return client.compute(TestClient.request(
                        id,
                        number,
                        "gspo",
                        TestClient.datum(
                                IDS, Map.of("logprobs", old, "advantages", advantages, "sequence_ratio_mask", mask))))
                .loss();
    }

    private static JsonNode sampler(String id, long number) {
        return client.resultOf(
                "save_weights_for_sampler",
                "{'model_id': '" + id + "', 'seq_id': " + number + ", 'sampling_session_seq_id': " + number + "}");
    }

    private static String sample(String session, int number, String more) {
        return "{'sampling_session_id': '" + session + "', 'seq_id': " + number + more
                + ", 'prompt': {'chunks': [{'type': 'encoded_text', 'tokens': [5, 9, 17]}]}}";
    }

    @Test
    void samplesFromTheWeightsAsTheyAre() {
        String id = client.model("tiny", 4, 7);
        train(client, id, 1);
        String session = sampler(id, 7).path("sampling_session_id").asText();
        String asked = ", 'num_samples': 20, 'prompt_logprobs': true, 'topk_prompt_logprobs': 2"
                + ", 'sampling_params': {'max_tokens': 5, 'temperature': 0.7, 'seed': 3, 'stop': []}";
        JsonNode promise = client.ask("asample", sample(session, 0, asked));
        assertThat(promise.path("sample_sequence_ids")).hasSize(20);
        byte[] first = client.result(promise);
        assertThat(client.result(client.ask("asample", sample(session, 1, asked))))
                .isEqualTo(first);
        List<int[]> texts = new ArrayList<>();
        List<float[]> logProbs = new ArrayList<>();
        float[] ofPrompt = {};
        WireReader in = new WireReader(first);
        while (in.next()) {
            if (in.field() == 1) {
                WireReader sequence = in.message();
                sequence.next();
                assertThat(sequence.varint()).isEqualTo(1); // by its length
                sequence.next();
                texts.add(ints(sequence.bytes()));
                sequence.next();
                logProbs.add(TestClient.floats(sequence.bytes()));
            } else if (in.field() == 2) {
                ofPrompt = TestClient.floats(in.bytes());
            } else {
                in.skip();
            }
        }
        assertThat(texts).hasSize(20);
        int[] text = texts.get(19);
        int[] ids = {5, 9, 17, text[0], text[1], text[2], text[3], text[4]};
        float[] again = client.compute(TestClient.request(
                        id, 8, "cross_entropy", TestClient.datum(ids, Map.of()), TestClient.datum(ids, Map.of())))
                .logProbs();
        assertThat(ofPrompt).hasSize(3);
        assertThat(ofPrompt[0]).isNaN();
        for (int t = 0; t < 7; t++) {
            assertThat(again[t]).isCloseTo(t < 2 ? ofPrompt[t + 1] : logProbs.get(19)[t - 2], within(1e-4f));
        }
    }

    private static int[] ints(byte[] bytes) {
        int[] values = new int[bytes.length / 4];
        java.nio.ByteBuffer.wrap(bytes)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(values);
        return values;
    }

    @Test
    void twoServersGiveTheSameBytes() throws IOException {
        byte[][] adapters = new byte[2][];
        for (int i = 0; i < 2; i++) {
            try (TinkerServer other = start("other-" + i)) {
                TestClient asked = new TestClient(other.origin());
                String id = asked.model("tiny", 2, 1);
                train(asked, id, 1);
                String path = save(asked, id, 7, "end").path("path").asText();
                adapters[i] = Files.readAllBytes(saved("other-" + i, path).resolve("adapter_model.safetensors"));
            }
        }
        assertThat(adapters[0]).isEqualTo(adapters[1]);
    }

    @Test
    void targetsMayBeAnyTokens() {
        String id = client.model("tiny", 4, 7);
        int n = IDS.length - 1;
        long[] targets = new long[2 * n];
        for (int row = 0; row < n; row++) {
            targets[2 * row] = IDS[row + 1];
            targets[2 * row + 1] = 11; // never the next one
        }
        Wire datum = new Wire()
                .message(1, new Wire().message(1, new Wire().bytes(1, Wire.ints(Arrays.copyOf(IDS, n)))))
                .message(
                        2,
                        TestClient.entry(
                                "target_tokens",
                                new Wire()
                                        .bytes(1, Wire.longs(targets))
                                        .varint(3, 2)
                                        .varint(4, n)
                                        .varint(4, 2)));
        float[] both = client.compute(TestClient.request(id, 1, "cross_entropy", datum))
                .logProbs();
        float[] next = client.compute(crossEntropy(id, 2, 1)).logProbs();
        assertThat(both).hasSize(2 * n);
        for (int row = 0; row < n; row++) {
            assertThat(both[2 * row]).isCloseTo(next[row], within(1e-5f));
            assertThat(Math.exp(both[2 * row]) + Math.exp(both[2 * row + 1])).isLessThan(1);
        }
    }

    private static String error(byte[] body) {
        JsonNode json = TestClient.json(body);
        assertThat(json.path("category").asText()).isEqualTo("user");
        return json.path("error").asText();
    }

    @Test
    void mistakesAreFailuresWithALine() {
        String id = client.model("tiny", 4, 7);
        assertThat(error(client.result(
                        client.submit(TestClient.request(id, 1, "stable_reinforce", TestClient.datum(IDS, Map.of()))))))
                .contains("\"stable_reinforce\" is not supported");
        assertThat(error(client.result(client.submit(
                        TestClient.request(id, 2, "ppo", TestClient.datum(IDS, Map.of("weights", all(1))))))))
                .contains("datum 0 has no logprobs, which ppo needs");
        Wire image = new Wire().message(1, new Wire().message(2, new Wire().text(2, "png")));
        assertThat(error(client.result(client.submit(TestClient.request(id, 3, "cross_entropy", image)))))
                .contains("images and sounds are not supported");
        assertThat(error(client.result(client.submit(TestClient.request(
                        id, 4, "cross_entropy", TestClient.datum(new int[] {5, 999_999, 3}, Map.of()))))))
                .contains("outside the model's vocabulary");
        assertThat(client.step(id, 5, RATE).path("error").asText()).contains("there are no gradients");
        assertThat(save(client, id, 6, "../../evil").path("error").asText()).contains("a name of what is saved");
        assertThat(client.resultOf(
                                "load_weights",
                                "{'model_id': '" + id
                                        + "', 'seq_id': 7, 'path': 'tinker://x/../y', 'optimizer': false}")
                        .path("error")
                        .asText())
                .contains("is no path of this server");
        assertThat(client.resultOf(
                                "create_model",
                                "{'session_id': '" + client.session()
                                        + "', 'model_seq_id': 0, 'base_model': 'other', 'lora_config': {'rank': 4}}")
                        .path("error")
                        .asText())
                .isEqualTo("there is no model \"other\": this server has tiny");
        assertThat(client.post("get_info", "{'model_id': 'none'}").statusCode()).isEqualTo(404);
        assertThat(client.send("POST", "forward_backward", "junk".getBytes(StandardCharsets.UTF_8), "x/y")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void saysWhatIsSaved() {
        String id = client.model("tiny", 4, 7);
        String path = save(client, id, 1, "first").path("path").asText();
        assertThat(save(client, id, 2, "first").path("error").asText()).contains("exists");
        JsonNode info = client.ask("weights_info", "{'tinker_path': '" + path + "'}");
        assertThat(info.path("lora_rank").asInt()).isEqualTo(4);
        assertThat(info.path("base_model").asText()).isEqualTo("tiny");
        assertThat(client.get("training_runs/" + id + "/checkpoints").path("checkpoints"))
                .hasSize(1);
        assertThat(client.get("training_runs/" + id)
                        .path("last_checkpoint")
                        .path("tinker_path")
                        .asText())
                .isEqualTo(path);
        assertThat(client.send("DELETE", "training_runs/" + id + "/checkpoints/weights/first", new byte[0], "x/y")
                        .statusCode())
                .isEqualTo(204);
        assertThat(client.get("training_runs/" + id + "/checkpoints").path("checkpoints"))
                .isEmpty();
    }

    private static Set<String> modulesOf(Path adapter) {
        try (SafetensorsReader reader = SafetensorsReader.open(adapter.resolve("adapter_model.safetensors"))) {
            return reader.names().stream()
                    .filter(name -> name.endsWith("lora_A.weight"))
                    .map(name -> name.replaceAll(".lora_A.weight$", ""))
                    .map(name -> name.substring(name.lastIndexOf('.') + 1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void trainsWhatTheClientAsksFor() {
        Map<String, String> expected = Map.of(
                "{'rank': 2}", "[down_proj, gate_proj, k_proj, lm_head, o_proj, q_proj, up_proj, v_proj]",
                "{'rank': 2, 'train_unembed': false}",
                        "[down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj]",
                "{'rank': 2, 'train_attn': false, 'train_mlp': false}", "[lm_head]",
                "{'rank': 2, 'train_attn': false, 'train_unembed': false}", "[down_proj, gate_proj, up_proj]",
                "{'rank': 2, 'train_mlp': false}", "[k_proj, lm_head, o_proj, q_proj, v_proj]");
        expected.forEach((lora, modules) -> {
            String id = client.resultOf(
                            "create_model",
                            "{'session_id': '" + client.session()
                                    + "', 'model_seq_id': 0, 'base_model': 'tiny', 'lora_config': " + lora + "}")
                    .path("model_id")
                    .asText();
            String path = save(client, id, 1, "fresh").path("path").asText();
            assertThat(modulesOf(saved("state", path))).as(lora).hasToString(modules);
            JsonNode info = client.ask("weights_info", "{'tinker_path': '" + path + "'}");
            assertThat(info.path("train_unembed").asBoolean()).isEqualTo(modules.contains("lm_head"));
            assertThat(client.resultOf(
                                    "load_weights",
                                    "{'session_id': '" + client.session() + "', 'model_seq_id': 0, 'path': '" + path
                                            + "', 'optimizer': true}")
                            .path("type")
                            .asText())
                    .isEqualTo("load_weights");
        });
    }

    @Test
    void whatIsSavedForATimeGoesAfterIt() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
        try (TinkerServer other = start("expiring", now::get)) {
            TestClient asked = new TestClient(other.origin());
            String id = asked.model("tiny", 2, 1);
            String begin = "{'model_id': '" + id + "', 'seq_id': ";
            String hour = asked.resultOf("save_weights", begin + "1, 'path': 'hour', 'ttl_seconds': 3600}")
                    .path("path")
                    .asText();
            asked.resultOf("save_weights", begin + "2, 'path': 'day', 'ttl_seconds': null}");
            asked.resultOf("save_weights_for_sampler", begin + "3, 'path': 'kept', 'ttl_seconds': 3600}");
            assertThat(asked.resultOf("save_weights", begin + "4, 'path': 'short', 'ttl_seconds': 60}")
                            .path("error")
                            .asText())
                    .isEqualTo(
                            "ttl_seconds must be a whole number of seconds in 3600, an hour, .. 315619200, ten years, or null, but is 60");
            String checkpoints = "training_runs/" + id + "/checkpoints";
            assertThat(ttl(asked, checkpoints + "/weights/day/ttl", "86400")).isEqualTo(204);
            assertThat(ttl(asked, checkpoints + "/sampler_weights/kept/ttl", "null"))
                    .isEqualTo(204);
            assertThat(ttl(asked, checkpoints + "/weights/day/ttl", "5")).isEqualTo(400);
            assertThat(ttl(asked, checkpoints + "/weights/none/ttl", "86400")).isEqualTo(400);
            assertThat(asked.get(checkpoints).path("checkpoints"))
                    .extracting(each -> each.path("expires_at").asText())
                    .containsExactlyInAnyOrder("2026-01-01T01:00:00Z", "2026-01-02T00:00:00Z", "");
            now.set(Objects.requireNonNull(now.get()).plusSeconds(3600));
            assertThat(asked.get(checkpoints).path("checkpoints"))
                    .extracting(each -> each.path("checkpoint_id").asText())
                    .containsExactlyInAnyOrder("weights/day", "sampler_weights/kept");
            assertThat(asked.resultOf("load_weights", begin + "5, 'path': '" + hour + "', 'optimizer': true}")
                            .path("error")
                            .asText())
                    .isEqualTo("there is no " + hour + " on this server");
        }
        assertThat(saved("expiring", "tinker://session-0001:train:0/weights/hour"))
                .exists();
        new Store(folder.resolve("expiring"), now::get).removeExpired();
        assertThat(saved("expiring", "tinker://session-0001:train:0/weights/hour"))
                .doesNotExist();
        assertThat(saved("expiring", "tinker://session-0001:train:0/weights/day"))
                .isDirectory();
    }

    private static int ttl(TestClient asked, String path, String seconds) {
        byte[] body = ("{\"ttl_seconds\": " + seconds + "}").getBytes(StandardCharsets.UTF_8);
        return asked.send("PUT", path, body, "application/json").statusCode();
    }
}
