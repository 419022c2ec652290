package io.github.rlhf4j.tinker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged requests are answered or refused, also where the answer comes later; the server goes on answering. */
class DamagedRequestsTest {
    private static final long RESULT_NANOS = 60_000_000_000L;
    private static final int[] IDS = {5, 9, 17, 3, 22};

    @TempDir
    Path folder;

    private final List<String> faults = new ArrayList<>();

    private void send(TestClient client, String path, byte[] body, String type) {
        HttpResponse<byte[]> response = client.send("POST", path, body, type);
        String shown = path + " " + new String(body, StandardCharsets.UTF_8);
        judge(response, shown);
        if (response.statusCode() == 200
                && TestClient.json(response.body()).path("request_id").isTextual()) {
            byte[] question = ("{\"request_id\": "
                            + TestClient.json(response.body()).path("request_id") + "}")
                    .getBytes(StandardCharsets.UTF_8);
            HttpResponse<byte[]> result;
            long end = System.nanoTime() + RESULT_NANOS;
            do {
                result = client.send("POST", "retrieve_future", question, "application/json");
            } while (result.statusCode() == 408 && System.nanoTime() < end);
            judge(result, shown);
        }
    }

    private void judge(HttpResponse<byte[]> response, String what) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() >= 500
                || response.statusCode() == 408 // no answer is no refusal
                || text.contains("Exception")
                || text.contains("internal error")) {
            faults.add(what + ": " + response.statusCode() + " " + text);
        }
    }

    @Test
    void areAnsweredOrRefused() throws IOException {
        TinyModel.llama().context(64).write(folder.resolve("tiny"));
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(folder.resolve("tiny"), Set.of(Head.LANGUAGE), kernels);
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder.resolve("tiny"));
                TinkerServer server = TinkerServer.start(
                        List.of(new BaseModel("tiny", "tiny", folder.resolve("tiny"), model, tokenizer)),
                        new TinkerSettings(folder.resolve("state"), 0, 16, 2, 64 << 20, Duration.ofMillis(50)),
                        WebServer.builder())) {
            TestClient client = new TestClient(server.origin());
            String id = client.model("tiny", 2, 7);
            String saved = client.resultOf(
                            "save_weights_for_sampler", "{'model_id': '" + id + "', 'seq_id': 1, 'path': 'a'}")
                    .path("path")
                    .asText();
            JsonNode sampling = client.ask(
                    "create_sampling_session",
                    "{'session_id': '" + client.session() + "', 'sampling_session_seq_id': 0, 'model_path': '" + saved
                            + "'}");
            String sampler = sampling.path("sampling_session_id").asText();
            Map<String, String> requests = Map.of(
                    "create_session", "{'tags': ['a'], 'sdk_version': '0.38.0', 'user_metadata': {'a': 'b'}}",
                    "create_model",
                            "{'session_id': '" + client.session()
                                    + "', 'model_seq_id': 0, 'base_model': 'tiny', 'lora_config': {'rank': 2, 'seed': 1, 'train_mlp': true}}",
                    "get_info", "{'model_id': '" + id + "'}",
                    "optim_step",
                            "{'model_id': '" + id
                                    + "', 'adam_params': {'learning_rate': 1e-3, 'beta1': 0.9, 'beta2': 0.95, 'eps': 1e-8}}",
                    "save_weights", "{'model_id': '" + id + "', 'path': 'b'}",
                    "load_weights", "{'model_id': '" + id + "', 'path': '" + saved + "', 'optimizer': true}",
                    "weights_info", "{'tinker_path': '" + saved + "'}",
                    "asample",
                            "{'sampling_session_id': '" + sampler
                                    + "', 'seq_id': 1, 'num_samples': 1, 'prompt': {'chunks': [{'type': 'encoded_text', 'tokens': [5, 9]}]}, "
                                    + "'sampling_params': {'max_tokens': 2, 'temperature': 1.0, 'top_k': 3, 'top_p': 0.9, 'seed': 3, 'stop': ['x']}, 'prompt_logprobs': true, 'topk_prompt_logprobs': 2}",
                    "retrieve_future", "{'request_id': 'x'}");
            requests.forEach((path, body) -> DamagedInputs.of(
                            path, Form.JSON, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                    .forEach(damaged -> send(client, path, damaged, "application/json")));
            byte[] wire = TestClient.request(
                            id, 2, "cross_entropy", TestClient.datum(IDS, Map.of("weights", new float[] {1, 1, 0, 1})))
                    .toBytes();
            DamagedInputs.of("forward_backward", Form.BINARY, wire)
                    .forEach(damaged -> send(client, "forward_backward", damaged, "application/x-protobuf"));

            assertThat(client.get("get_server_capabilities").isObject()).isTrue();
            assertThat(faults).isEmpty();
        }
    }
}
