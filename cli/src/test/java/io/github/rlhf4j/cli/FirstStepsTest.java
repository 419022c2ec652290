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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of docs/first-steps.md as they stand there, run by the real command line with a tiny model and few steps. */
class FirstStepsTest {
    private static final Pattern FILE = Pattern.compile("ave as `([\\w.]+)`:\n\n((?:    .*\n)+)");
    private static final String MODEL = "SmolLM2-135M-Instruct";
    private static final String TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
            + "{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";

    @TempDir
    Path folder;

    @Test
    void everyRunFileOfTheFirstStepsRuns() throws IOException {
        Path model = PretrainedModel.write(folder);
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
        Map<String, String> files = files();
        assertThat(files).containsKeys("csv.yaml", "chats.yaml", "dpo.yaml", "compare.yaml");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), placed(file.getValue(), model, files));
        }

        run("csv.yaml", "sft.max_steps=1");
        run("chats.yaml", "sft.max_steps=1");
        run("dpo.yaml", "dpo.max_steps=1");
        run("compare.yaml", "compare.max_new_tokens=4");

        assertThat(folder.resolve("runs/mine/sft/model/model.safetensors")).exists();
        assertThat(folder.resolve("runs/compare/report.html"))
                .content()
                .contains("before", "after", "Is milk better than water?");
    }

    private static Map<String, String> files() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        Matcher matcher = FILE.matcher(Files.readString(Path.of("../docs/first-steps.md")));
        while (matcher.find()) {
            files.put(matcher.group(1), matcher.group(2).replaceAll("(?m)^    ", ""));
        }
        return files;
    }

    /** With the places of this test. */
    private String placed(String text, Path model, Map<String, String> files) {
        String placed = text.replace(MODEL, model.toString()).replace("runs/", folder + "/runs/");
        for (String name : files.keySet()) {
            placed = placed.replace(": " + name, ": " + folder.resolve(name));
        }
        return placed;
    }

    private void run(String file, String... values) {
        List<String> arguments = new ArrayList<>(
                List.of("run", folder.resolve(file).toString(), "output_dir=" + folder.resolve("runs")));
        arguments.addAll(List.of(values));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
    }
}
