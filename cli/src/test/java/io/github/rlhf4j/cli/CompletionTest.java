package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CompletionTest {
    @TempDir
    private Path folder;

    private String err = "";

    private String completion(String... shell) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        String[] arguments = new String[shell.length + 1];
        arguments[0] = "completion";
        System.arraycopy(shell, 0, arguments, 1, shell.length);
        int code = Main.run(
                arguments,
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                new PrintStream(messages, true, StandardCharsets.UTF_8));
        err = messages.toString(StandardCharsets.UTF_8);
        assertThat(code).as(err).isEqualTo(err.isEmpty() ? 0 : 2);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void fishKnowsCommandsTheirOptionsAndTheirWords() {
        String script = completion("fish");

        assertThat(script.lines())
                .anyMatch(line -> line.startsWith("complete -c rlhf4j -n '__rlhf4j_exactly' -f -a compare -d "))
                .anyMatch(line -> line.startsWith("complete -c rlhf4j -n '__rlhf4j_within run' -l resume -f -d "))
                .anyMatch(line -> line.startsWith("complete -c rlhf4j -n '__rlhf4j_within generate' -l model -r -F"))
                .anyMatch(line ->
                        line.startsWith("complete -c rlhf4j -n '__rlhf4j_exactly new run' -f -a 'pretrain sft "))
                .anyMatch(line ->
                        line.startsWith("complete -c rlhf4j -n '__rlhf4j_exactly completion' -f -a 'bash zsh fish'"));
    }

    @Test
    void bashAndZshHaveTheScriptOfBash() {
        assertThat(completion()).isEqualTo(completion("bash")).isEqualTo(completion("zsh"));
        assertThat(completion("tcsh")).isEmpty();
        assertThat(err).contains("tcsh").hasLineCount(1);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void completesInBash() throws IOException, InterruptedException {
        Path script = Files.writeString(folder.resolve("completion.bash"), completion("bash"));

        assertThat(inBash(script, "rlhf4j", "comp")).contains("compare", "completion");
        assertThat(inBash(script, "rlhf4j", "run", "--res")).containsExactly("--resume");
        assertThat(inBash(script, "rlhf4j", "new", "pl")).containsExactly("plugin");
        assertThat(inBash(script, "rlhf4j", "new", "run", "grp")).containsExactly("grpo");
    }

    private List<String> inBash(Path script, String... words) throws IOException, InterruptedException {
        String program = "source " + script + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                + (words.length - 1) + "; _complete_rlhf4j; printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process bash = new ProcessBuilder("bash", "--norc", "-c", program)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        bash.waitFor();
        return said.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
