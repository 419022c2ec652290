package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.http.HttpSettings;
import io.github.rlhf4j.http.KeptAnswers;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpRewardTest {
    private static final HttpSettings QUICK =
            HttpSettings.DEFAULT.withAttempts(2).withPause(Duration.ofMillis(1)).withTimeout(Duration.ofMillis(2000));

    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();

    /** The length of each completion; nothing of "?". */
    private final FaultyServer server = FaultyServer.answering(question -> {
        ArrayNode scores = JsonNodeFactory.instance.arrayNode();
        for (JsonNode completion : question.path("completions")) {
            if (completion.asText().equals("?")) {
                scores.addNull();
            } else {
                scores.add(completion.asText().length());
            }
        }
        return JsonNodeFactory.instance.objectNode().set("scores", scores);
    });

    @AfterEach
    void close() {
        server.close();
    }

    private double[] score(RewardEntry.OnFailure onFailure, String... responses) {
        RewardEntry entry = RewardEntry.http(server.url("/score")).batches(2, 2);
        KeptAnswers kept = KeptAnswers.of(folder, "http");
        RewardGuard guard = new RewardGuard(OptionalDouble.empty(), onFailure, Optional.of(kept), said::add);
        List<Rollout> rollouts = new ArrayList<>();
        for (String response : responses) {
            rollouts.add(Rollout.sampled(
                    new int[] {1},
                    new int[] {2},
                    new RewardFunction.Answer("p", response, 1, true, Map.of("answer", 4L, "level", "easy")),
                    new double[1]));
        }
        return new HttpReward(entry, guard, kept, QUICK).score(rollouts);
    }

    private String stops(Fault fault) {
        server.always(fault);
        List<String> messages = new ArrayList<>();
        assertThatThrownBy(() -> score(RewardEntry.OnFailure.STOP, "abc"))
                .isInstanceOf(UserError.class)
                .satisfies(error -> messages.add(String.valueOf(error.getMessage())));
        return messages.get(0);
    }

    @Test
    void batchesWithColumnsGoThereAndScoresComeBackInOrder() {
        assertThat(score(RewardEntry.OnFailure.STOP, "abc", "", "?", "abc")).containsExactly(3, 0, Reward.NONE, 3);
        assertThat(server.requests()).hasSize(2);
        assertThat(server.requests().stream()
                        .filter(body -> body.path("prompts").size() == 2)
                        .findFirst()
                        .orElseThrow()
                        .toString())
                .isEqualTo(
                        "{\"prompts\":[\"p\",\"p\"],\"completions\":[\"abc\",\"\"],\"answer\":[4,4],\"level\":[\"easy\",\"easy\"]}");
    }

    @Test
    void aResponseIsAskedForOnceAlsoAfterAResumption() {
        score(RewardEntry.OnFailure.STOP, "abc", "?");
        server.always(Fault.status(500));
        assertThat(score(RewardEntry.OnFailure.STOP, "?", "abc")).containsExactly(Reward.NONE, 3);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void faultsThatPassLeaveNoTrace() {
        server.next(Fault.cut());
        assertThat(score(RewardEntry.OnFailure.STOP, "abc")).containsExactly(3);
        server.next(Fault.body("[1, 2]"));
        assertThat(score(RewardEntry.OnFailure.STOP, "abcd")).containsExactly(4);
        assertThat(said).isEmpty();
    }

    @Test
    void othersStopTheRunWithOneLine() {
        assertThat(stops(Fault.status(500))).matches("reward http: http://[0-9.:]+/score answered with status 500.*");
        assertThat(stops(Fault.body("[1, 2]")))
                .contains("/score must answer 1 scores, one for each completion, but answered 2");
        assertThat(stops(Fault.body("{\"score\": [1]}"))).contains("must answer {\"scores\": [...]}");
        assertThat(stops(Fault.body("[\"high\"]"))).contains("must answer finite numbers or null, but one is \"high\"");
        assertThat(stops(Fault.body("[1e999]"))).contains("must answer finite numbers or null");
        assertThat(stops(Fault.status(404)))
                .contains("answered with status 404")
                .doesNotContain("\n");
    }

    @Test
    void orLeaveResponsesWithoutAScoreForGood() {
        server.next(Fault.status(404));
        assertThat(score(RewardEntry.OnFailure.NONE, "abc")).containsExactly(Reward.FAILED);
        assertThat(score(RewardEntry.OnFailure.NONE, "abc", "ab")).containsExactly(Reward.FAILED, 2);
        assertThat(said)
                .containsExactly(
                        "reward http failed on 1 of 1 responses, which have no score",
                        "reward http failed on 1 of 2 responses, which have no score");
    }
}
