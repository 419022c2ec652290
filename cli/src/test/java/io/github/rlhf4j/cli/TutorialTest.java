package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of docs/tutorial.md as they stand there, run by the real command line with fewer rows and steps. */
class TutorialTest {
    private static final Pattern FILE = Pattern.compile("(?:ave as|dd to) `([\\w.]+)`:\n\n((?:    .*\n)+)");
    private static final Pattern EXPORT =
            Pattern.compile("(?m)^    \\./rlhf4j (export synthetic:\\w+) --out (\\w+\\.jsonl)");

    @TempDir
    Path folder;

    @Test
    void everyStepOfTheTutorialRuns() throws IOException {
        String page = Files.readString(Path.of("../docs/tutorial.md"));
        Matcher export = EXPORT.matcher(page);
        while (export.find()) {
            String file = folder.resolve(export.group(2)).toString();
            run((export.group(1) + " --limit 200 --seed 7 --out " + file).split(" "));
        }
        for (Map.Entry<String, String> file : files(page).entrySet()) {
            String placed = file.getValue()
                    .replaceAll("(?<=(: ))(\\w+\\.jsonl)", Matcher.quoteReplacement(folder + "/") + "$2");
            Files.writeString(folder.resolve(file.getKey()), placed);
        }

        run(
                "run",
                folder.resolve("tutorial.yaml").toString(),
                "output_dir=" + folder,
                "pretrain.max_steps=2",
                "sft.max_steps=2",
                "dpo.max_steps=1",
                "judge.max_steps=1",
                "evaluate.dataset.limit=2",
                "evaluate.max_new_tokens=4");

        assertThat(folder.resolve("tutorial/dpo/model/model.safetensors")).exists();
        assertThat(folder.resolve("tutorial/dpo/model/chat_template.jinja")).exists();
        assertThat(folder.resolve("tutorial/report.html")).content().contains("In short");
    }

    /** What is added to a file follows what was saved. */
    private static Map<String, String> files(String page) {
        Map<String, String> files = new LinkedHashMap<>();
        Matcher file = FILE.matcher(page);
        while (file.find()) {
            files.merge(file.group(1), file.group(2).replaceAll("(?m)^    ", ""), String::concat);
        }
        assertThat(files).containsOnlyKeys("tutorial.yaml", "chat.jinja");
        return files;
    }

    private static void run(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments, messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
    }
}
