package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of rankings with a damaged file is opened and used, or refused in one line that names the file. */
class DamagedRankingsTest {
    @TempDir
    Path folder;

    private Path whole() {
        Path whole = folder.resolve("whole");
        try (RankingProject project = SomeProject.create(whole, Mode.RANK, 0.5, 3, 3)) {
            for (String person : List.of("Ada", "Bob")) {
                project.join(person);
                SomeProject.rankByNumber(project, person);
                SomeProject.rankByNumber(project, person);
                project.skip(person, project.next(person).orElseThrow().number(), 1);
                project.undo(person);
            }
        }
        return whole;
    }

    /** All that pages and exports do with it. */
    private static void use(Path copy) {
        try (RankingProject project = SomeProject.reopen(copy)) {
            Agreement.of(project);
            RankingExport export = RankingExport.of(project);
            RankingExport.lines(export.rankings());
            RankingExport.lines(export.pairs());
            RankingExport.lines(export.demonstrations());
            RankingExport.lines(export.prompts());
            for (String person : project.people()) {
                project.progress(person);
                if (project.next(person).isPresent()) {
                    SomeProject.rankByNumber(project, person);
                }
            }
        }
    }

    private void damage(Path whole, String name, Form form) throws IOException {
        byte[] bytes = Files.readAllBytes(whole.resolve(name));
        Path copy = folder.resolve("copy");
        for (byte[] damaged : DamagedInputs.of(name, form, bytes)) {
            AtomicFiles.delete(copy);
            Files.createDirectories(copy);
            for (String file : List.of("project.json", "items.jsonl", "answers.jsonl")) {
                Files.copy(whole.resolve(file), copy.resolve(file));
            }
            Files.write(copy.resolve(name), damaged);
            String shown = new String(damaged, StandardCharsets.UTF_8);
            try {
                use(copy);
            } catch (UserError e) {
                assertThat(e.getMessage()).as(shown).contains("copy").doesNotContain("\n");
                assertThat(String.valueOf(e.getMessage()).length()).isLessThan(1000);
            } catch (RuntimeException e) {
                throw new AssertionError(shown, e);
            }
        }
    }

    @Test
    void isOpenedOrRefusedInOneLine() throws IOException {
        Path whole = whole();
        use(whole);
        damage(whole, "project.json", Form.JSON);
        damage(whole, "items.jsonl", Form.JSON_LINES);
        damage(whole, "answers.jsonl", Form.JSON_LINES);
    }

    @Test
    void aRankThatIsNoneIsNamedWithFileAndLine() throws IOException {
        Path answers = whole().resolve("answers.jsonl");
        List<String> lines = Files.readAllLines(answers);
        lines.set(1, lines.get(1).replaceFirst("\"ranks\":\\[\\d", "\"ranks\":[0"));
        lines.add(0, "");
        Files.write(answers, lines);
        assertThatThrownBy(() -> SomeProject.reopen(folder.resolve("whole")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("answers.jsonl line 3: order must be")
                .hasMessageContaining("ranks must be");
    }
}
