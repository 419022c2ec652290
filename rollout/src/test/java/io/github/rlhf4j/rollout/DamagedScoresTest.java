package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.http.HttpSettings;
import io.github.rlhf4j.http.KeptAnswers;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reward server's reply that is not what it should be: finite scores, none, or one line of the user's. */
class DamagedScoresTest {
    @TempDir
    Path folder;

    @Test
    void areScoresOrNoneOrARefusal() {
        HttpSettings quick = HttpSettings.DEFAULT
                .withAttempts(1)
                .withPause(Duration.ofMillis(1))
                .withTimeout(Duration.ofSeconds(5));
        int number = 0;
        try (FaultyServer server = FaultyServer.answering(request -> JsonNodeFactory.instance.objectNode())) {
            for (byte[] damaged : DamagedInputs.of(
                    "scores", Form.JSON, "{\"scores\": [1, -2.5, null]}".getBytes(StandardCharsets.UTF_8))) {
                String reply = new String(damaged, StandardCharsets.UTF_8);
                server.always(Fault.body(reply));
                KeptAnswers kept = KeptAnswers.of(folder.resolve("run" + number++), "http");
                RewardEntry entry = RewardEntry.http(server.url("/score"));
                RewardGuard guard = new RewardGuard(
                        OptionalDouble.empty(), RewardEntry.OnFailure.STOP, Optional.of(kept), line -> {});
                List<Rollout> rollouts = new ArrayList<>();
                for (String response : List.of("a", "b", "c")) {
                    rollouts.add(Rollout.sampled(
                            new int[] {1},
                            new int[] {2},
                            new RewardFunction.Answer("p", response, 1, true, Map.of()),
                            new double[1]));
                }
                try {
                    double[] scores = new HttpReward(entry, guard, kept, quick).score(rollouts);
                    assertThat(scores).as(reply).hasSize(3).doesNotContain(Double.POSITIVE_INFINITY);
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
