package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidateRowsTest {
    @TempDir
    Path folder;

    private List<CandidateRows.Group> read(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, text);
        return CandidateRows.read(file.toString(), 100);
    }

    private static List<String> texts(CandidateRows.Group group) {
        return group.candidates().stream().map(Candidate::text).toList();
    }

    @Test
    void readsResponsesPairsAndLetters() throws IOException {
        List<CandidateRows.Group> groups = read("rows.jsonl", """
            {"prompt": "p", "responses": ["a", "b", "c"], "ranks": [3, 1, 2], "id": "7"}
            {"prompt": "q", "chosen": "good", "rejected": "bad"}
            {"prompt": [{"role": "user", "content": "r"}], "A": "x", "B": [{"role": "assistant", "content": "y"}]}
            """);
        assertThat(texts(groups.get(0))).containsExactly("a", "b", "c");
        assertThat(groups.get(0).tags().id()).isEqualTo("7");
        assertThat(texts(groups.get(1))).containsExactly("good", "bad");
        assertThat(texts(groups.get(2))).containsExactly("x", "y");
    }

    @Test
    void putsTheSamplesOfAPromptTogether() throws IOException {
        List<CandidateRows.Group> groups = read("samples.csv", "prompt,text,model\np,one,m1\nq,two,m1\np,three,m2\n");
        assertThat(groups).hasSize(2);
        assertThat(texts(groups.get(0))).containsExactly("one", "three");
        assertThat(groups.get(0).candidates()).extracting(Candidate::source).containsExactly("m1", "m2");
    }

    @Test
    void namesTheRowWithoutAnAnswer() {
        assertThatThrownBy(
                        () -> read("rows.jsonl", "{\"prompt\": \"p\", \"responses\": [\"a\"]}\n{\"prompt\": \"q\"}\n"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void leavesOutWhatNobodyCanRank() {
        List<Candidate> some = List.of(
                Candidate.of("a", "m"), Candidate.of(" ", "m"), Candidate.of("a ", "n"), Candidate.of("b", "n"));
        assertThat(RankItem.distinct(some)).extracting(Candidate::text).containsExactly("a", "b");
    }
}
