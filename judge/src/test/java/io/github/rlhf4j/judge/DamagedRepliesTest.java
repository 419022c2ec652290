package io.github.rlhf4j.judge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.judge.Judge.Pair;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge's reply that is not what it should be is a verdict, none, or one line of the user's. */
class DamagedRepliesTest {
    private static final String REPLY = """
            {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "finish_reason": "stop",
             "message": {"role": "assistant", "content": "0", "refusal": null},
             "logprobs": {"content": [{"token": "0", "logprob": -0.1, "bytes": [48],
               "top_logprobs": [{"token": "0", "logprob": -0.1, "bytes": [48]}, {"token": "1", "logprob": -2.3, "bytes": [49]}]}]}}],
             "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}""";

    @TempDir
    Path folder;

    @Test
    void isAVerdictOrNoneOrARefusal() {
        Judges judges = new Judges(Map.of(), Optional.empty());
        int number = 0;
        try (CpuKernels kernels = new CpuKernels(1);
                FaultyServer server = FaultyServer.answering(request -> JsonNodeFactory.instance.objectNode())) {
            OpenAiConfig config = new OpenAiConfig(
                    server.url("/v1"),
                    "m",
                    ApiKeyConfig.NONE,
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    Optional.empty(),
                    OptionalDouble.of(5),
                    OptionalInt.of(0),
                    OptionalInt.of(1),
                    Optional.empty());
            for (byte[] damaged : DamagedInputs.of("judge", Form.JSON, REPLY.getBytes(StandardCharsets.UTF_8))) {
                String reply = new String(damaged, StandardCharsets.UTF_8);
                server.always(Fault.body(reply));
                try (StageRun run = StageRun.builder(folder.resolve("run" + number++), kernels)
                                .seed(3)
                                .build();
                        OpenJudge judge = judges.open(JudgeConfig.of(config), run)) {
                    for (double verdict : judge.compare(List.of(new Pair("Say.", "one", "two")))) {
                        assertThat(Double.isNaN(verdict) || verdict >= 0 && verdict <= 1)
                                .as(reply + ": " + verdict)
                                .isTrue();
                    }
                } catch (UserError e) {
                    assertThat(e.getMessage()).as(reply).doesNotContain("\n").doesNotContain("Exception");
                    assertThat(String.valueOf(e.getMessage()).length())
                            .as(reply)
                            .isLessThan(2000);
                } catch (RuntimeException e) {
                    throw new AssertionError(reply, e);
                }
            }
        }
    }
}
