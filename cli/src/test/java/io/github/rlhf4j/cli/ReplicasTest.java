package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every stage that trains, with 1, 2, 3 and 8 replicas: what it writes does not depend on which replica is done first. */
class ReplicasTest {
    private static final String RUN = """
            stages:
              pretrain: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 60}, tokenizer: {vocab_size: 300}, max_length: 64,
                architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 192}}
              sft: {type: sft, model: pretrain, dataset: {path: 'synthetic:demonstrations', limit: 60}}
              reward: {type: reward, model: sft, dataset: {path: 'synthetic:rankings', limit: 60}, statistics_rows: 8}
              dpo: {type: dpo, model: sft, dataset: {path: 'synthetic:preferences', limit: 60}, loss_type: [sigmoid, aot]}
              kto: {type: kto, model: sft, dataset: {path: 'synthetic:preferences', limit: 60}}
              ppo: {type: ppo, model: sft, reward_model: reward, dataset: {path: 'synthetic:prompts', limit: 100}, response_length: 8, max_prompt_length: 100, num_mini_batches: 2}
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void theBytesDoNotDependOnWhichReplicaIsDoneFirst(int replicas) throws IOException {
        Map<String, byte[]> inOrder = run(ReplicaKernels.name(replicas, ReplicaKernels.Order.FIRST_TO_LAST), 1);

        assertThat(inOrder).hasSize(12);
        if (replicas > 1) {
            assertSame(run(ReplicaKernels.name(replicas, ReplicaKernels.Order.LAST_TO_FIRST), 1), inOrder);
        }
        assertSame(run("replicas-" + replicas, 3), inOrder);
    }

    private static void assertSame(Map<String, byte[]> files, Map<String, byte[]> expected) {
        expected.forEach((name, bytes) -> assertThat(text(Objects.requireNonNull(files.get(name))))
                .as(name)
                .isEqualTo(text(bytes)));
    }

    /** A character for each byte. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Metrics and weights of all stages. */
    private Map<String, byte[]> run(String kernels, int threads) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, RUN);
        String name = kernels + "-" + threads;
        List<String> arguments =
                new ArrayList<>(List.of("run", file.toString(), "name=" + name, "output_dir=" + folder));
        List<String> stages = List.of("pretrain", "sft", "reward", "dpo", "kto", "ppo");
        stages.forEach(stage -> arguments.addAll(
                List.of(stage + ".batch_size=16", stage + ".max_steps=2", stage + ".learning_rate=1e-2")));
        arguments.add("ppo.batch_size=48"); // enough that eight replicas are even
        arguments.addAll(List.of("--kernels", kernels, "--threads", String.valueOf(threads)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String stage : stages) {
            for (String path : List.of("metrics.jsonl", "model/model.safetensors")) {
                files.put(
                        stage + "/" + path,
                        Files.readAllBytes(folder.resolve(name).resolve(stage).resolve(path)));
            }
        }
        return files;
    }
}
