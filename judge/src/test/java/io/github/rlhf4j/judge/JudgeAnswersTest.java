package io.github.rlhf4j.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.judge.Judge.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JudgeAnswersTest {
    private static final Question SKY = new Question("The sky?", List.of("Blue.", "It is blue.", "No."));
    private static final Question SEA = new Question("The sea?", List.of("Deep.", "Wet."));

    @TempDir
    Path folder;

    private final List<Question> asked = new ArrayList<>();

    /** Answers as it is told and remembers what it was asked. */
    private final class Told implements Judge {
        private final Function<List<Question>, List<List<Integer>>> answers;
        private final String version;

        Told(Function<List<Question>, List<List<Integer>>> answers, String version) {
            this.answers = answers;
            this.version = version;
        }

        @Override
        public List<List<Integer>> rank(List<Question> questions) {
            asked.addAll(questions);
            return answers.apply(questions);
        }

        @Override
        public String version() {
            return version;
        }
    }

    @Test
    void giveEachResponseItsRankWhateverOrderTheyComeIn() {
        assertThat(byLength("").to(List.of(SKY, SEA))).containsExactly(List.of(2, 3, 1), List.of(2, 1));
        assertThat(byLength("").to(List.of(new Question("The sky?", List.of("No.", "Blue.", "It is blue.")))))
                .containsExactly(List.of(1, 2, 3));
        assertThat(asked).hasSize(2);
    }

    @Test
    void areAskedForAgainWhereJudgePromptOrResponsesAreOthers() {
        byLength("").to(List.of(SEA, SEA));
        byLength("2").to(List.of(SEA));
        byLength("").to(List.of(new Question("The seas?", SEA.responses())));
        byLength("").to(List.of(new Question(SEA.prompt(), List.of("Deep.", "Wet.", "Blue."))));

        assertThat(asked).hasSize(4);
    }

    @Test
    void surviveALineThatAKillLeftHalfWritten() throws IOException {
        byLength("").to(List.of(SKY));
        byLength("").to(List.of(SEA));
        Path file = files().get(0);
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() - 9)); // in the midst of the sea's ranks

        assertThat(byLength("").to(List.of(SKY, SEA))).containsExactly(List.of(2, 3, 1), List.of(2, 1));
        assertThat(asked).hasSize(3);
        assertThat(byLength("").to(List.of(SKY, SEA))).containsExactly(List.of(2, 3, 1), List.of(2, 1));
        assertThat(asked).hasSize(3);
    }

    @Test
    void passOverWhatIsNoAnswer() throws IOException {
        byLength("").to(List.of(SEA));
        Path file = files().get(0);
        String key = Files.readString(file).replaceAll(".*\"key\":\"(\\w+)\".*\\n", "$1");
        Files.writeString(
                file,
                "[]\n\u0000\n{\"key\":\"%s\",\"ranks\":[0,\"x\"]}\n{\"key\":\"%s\",\"ranks\":[1]}\n"
                        .formatted(key, key));

        assertThat(byLength("").to(List.of(SEA))).containsExactly(List.of(2, 1));
        assertThat(asked).hasSize(2);
    }

    @Test
    void ofAnotherProcessStand() {
        JudgeAnswers first = byLength("");
        JudgeAnswers second = new JudgeAnswers(
                "told", new Told(questions -> List.of(List.of(1, 1)), ""), folder, OptionalDouble.empty());
        assertThat(first.to(List.of(SEA))).containsExactly(List.of(2, 1));

        assertThat(second.to(List.of(SEA))).containsExactly(List.of(2, 1));
    }

    @Test
    void ofAJudgeThatFailsAreAnError() {
        Judge broken = new Told(
                questions -> {
                    throw new IllegalStateException("no connection");
                },
                "");

        assertThatThrownBy(() -> new JudgeAnswers("told", broken, folder, OptionalDouble.empty()).to(List.of(SEA)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "judge told failed on 1 questions: java.lang.IllegalStateException: no connection")
                .hasMessageContaining("kept in " + folder);
    }

    @Test
    void ofAJudgeThatHangsAreAnErrorAfterItsTimeout() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Judge hanging = new Told(
                questions -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return List.of(List.of(1, 2)); // too late: nobody hears it
                },
                "");
        assertThat(byLength("").to(List.of(SEA))).containsExactly(List.of(2, 1));
        Question other = new Question("The sky?", List.of("Blue.", "Black."));

        JudgeAnswers answers = new JudgeAnswers("told", hanging, folder, OptionalDouble.of(0.1));
        assertThatThrownBy(() -> answers.to(List.of(SEA, other)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("judge told failed on 1 questions: took longer than its timeout of 0.1 s; ")
                .hasMessageContaining("kept in " + folder);
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(answers.to(List.of(SEA))).containsExactly(List.of(2, 1)); // what was known is
    }

    @Test
    void inWrongNumbersAreAnError() {
        assertThatThrownBy(() -> told(List.of()).to(List.of(SEA)))
                .isInstanceOf(UserError.class)
                .hasMessage("judge told was asked 1 questions, but gave 0 answers");
        assertThatThrownBy(() -> told(List.of(List.of(1, 2, 3))).to(List.of(SEA)))
                .isInstanceOf(UserError.class)
                .hasMessage("judge told must give 2 responses as many ranks, each 1 (the best) or more, but gave"
                        + " [1, 2, 3] for the prompt \"The sea?\"");
        assertThatThrownBy(() -> told(List.of(List.of(0, 1))).to(List.of(SEA)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("but gave [0, 1]");
        assertThat(asked).hasSize(3);
    }

    private JudgeAnswers told(List<List<Integer>> answer) {
        return new JudgeAnswers("told", new Told(questions -> answer, ""), folder, OptionalDouble.empty());
    }

    private JudgeAnswers byLength(String version) {
        return new JudgeAnswers(
                "told", new Told(JudgeAnswersTest::shorterIsBetter, version), folder, OptionalDouble.empty());
    }

    private static List<List<Integer>> shorterIsBetter(List<Question> questions) {
        return questions.stream()
                .map(question -> question.responses().stream()
                        .map(own -> 1
                                + (int) question.responses().stream()
                                        .filter(other -> other.length() < own.length())
                                        .count())
                        .toList())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
