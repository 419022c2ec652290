package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.ModelReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainedJudgeTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeRun() throws IOException {
        write("run/reward/model/config.json", "{}");
        write("run/reward/model/model.safetensors", "weights");
        write("run/judge/model/config.json", "{}");
        write("run/judge/model/model.safetensors", "others");
        provenance("ppo", "reward", "{}");
        write("run/dpo/provenance.json", "{\"type\": \"dpo\", \"config\": {}}");
    }

    @Test
    void warnsWhereTheRewardModelOfPpoIsTheJudge() {
        assertThat(warning(folder.resolve("run/reward/model")))
                .hasValueSatisfying(line -> assertThat(line).contains("judges ppo, which PPO trained on it"));
        assertThat(warning(folder.resolve("run/judge/model"))).isEmpty();
    }

    @Test
    void knowsACopyByItsContents() throws IOException {
        write("copy/config.json", "{}");
        write("copy/model.safetensors", "weights");
        assertThat(warning(folder.resolve("copy"))).isPresent();
        write("copy/model.safetensors", "weights, trained on");
        assertThat(warning(folder.resolve("copy"))).isEmpty();
    }

    @Test
    void knowsAFolderAndARewardModelThatIsGoneByItsDigest() throws IOException {
        Path reward = folder.resolve("run/reward/model");
        provenance("ppo", reward.toString().replace("\\", "/"), "{}");
        assertThat(warning(reward)).isPresent();
        write("copy/config.json", "{}");
        write("copy/model.safetensors", "weights");
        provenance("ppo", "reward", "{\"reward\": \"" + AtomicFiles.sha256OfDirectory(reward) + "\"}");
        AtomicFiles.delete(reward);
        assertThat(warning(folder.resolve("copy"))).isPresent();
    }

    @Test
    void saysNothingOfModelsOfUnknownOrigin() {
        assertThat(TrainedJudge.warning(
                        List.of(new ModelReference("elsewhere", folder.resolve("elsewhere"))),
                        new ModelReference("reward", folder.resolve("run/reward/model"))))
                .isEmpty();
    }

    private Optional<String> warning(Path judge) {
        return TrainedJudge.warning(
                List.of(
                        new ModelReference("dpo", folder.resolve("run/dpo/model")),
                        new ModelReference("ppo", folder.resolve("run/ppo/model"))),
                new ModelReference(judge.toString(), judge));
    }

    private void provenance(String stage, String reward, String parents) throws IOException {
        write(
                "run/" + stage + "/provenance.json",
                "{\"type\": \"ppo\", \"parents\": %s, \"config\": {\"reward_model\": {\"value\": \"%s\"}}}"
                        .formatted(parents, reward));
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
