package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.pipeline.config.RunFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewCommandTest {
    @TempDir
    private Path folder;

    private String out = "";
    private String err = "";

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.run(
                arguments,
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void aRunFileIsThatOfInit() throws IOException {
        for (String kind : List.of("sft", "dpo", "ppo", "grpo", "rlhf")) {
            assertThat(execute("new", "run", kind)).as(err).isZero();
            assertThat(out).isEqualTo(InitCommand.text(kind));
        }
        Path file = folder.resolve("run.yaml");
        assertThat(execute("new", "run", "dpo", "--out", file.toString()))
                .as(err)
                .isZero();
        assertThat(Files.readString(file)).isEqualTo(InitCommand.text("dpo"));
        assertThat(execute("new", "run", "dpo", "--out", file.toString())).isEqualTo(2);
        assertThat(err).contains("run.yaml already exists").hasLineCount(1);
        assertThat(execute("new", "run", "dppo")).isEqualTo(2);
        assertThat(err).contains("did you mean dpo?").hasLineCount(1);
    }

    @Test
    void whatToMakeIsAskedFor() {
        assertThat(execute("new")).isEqualTo(2);
        assertThat(err)
                .contains("new run KIND, or new plugin DIR", "see ./rlhf4j new --help")
                .hasLineCount(1);
        assertThat(execute("new", "plugin")).isEqualTo(2);
        assertThat(err).contains("DIR", "see ./rlhf4j new plugin --help").hasLineCount(1);
        assertThat(execute("new", "run", "--help")).isZero();
        assertThat(out).contains("pretrain, sft, reward");
    }

    @Test
    void aPluginIsNotWrittenWhereSomethingIs() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "mine");

        assertThat(execute("new", "plugin", folder.toString())).isEqualTo(2);
        assertThat(err).contains("is not empty; name a new folder").hasLineCount(1);
        assertThat(execute("new", "plugin", folder.resolve("p").toString(), "--package", "Not A Package"))
                .isEqualTo(2);
        assertThat(err).contains("--package must be a Java package").hasLineCount(1);
        assertThat(folder.resolve("p")).doesNotExist();
    }

    @Test
    void aPluginCompilesWithoutWarningsItsTestPassesAndARunUsesIt() throws Exception {
        Path plugin = folder.resolve("My Plug-in");
        assertThat(execute("new", "plugin", plugin.toString(), "--package", "org.example.words"))
                .as(err)
                .isZero();
        assertThat(plugin.resolve("pom.xml"))
                .content()
                .contains("<artifactId>my-plug-in</artifactId>", "<groupId>org.example.words</groupId>");
        try (Stream<Path> files = Files.walk(plugin)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(file).content().doesNotContainPattern("@[A-Z]+@");
            }
        }

        try (URLClassLoader loader =
                CompiledProject.of(plugin, folder.resolve("classes")).loader()) {
            Class<?> test = loader.loadClass("org.example.words.KeywordRewardTest");
            Object instance = test.getConstructor().newInstance();
            test.getMethod("countsTheWordWhateverItsCase").invoke(instance);
            test.getMethod("isFoundByItsNameInARun", Path.class)
                    .invoke(instance, Files.createDirectory(folder.resolve("own")));
            Thread.currentThread().setContextClassLoader(loader);
            try {
                assertThat(execute("run", plugin.resolve("run.yaml").toString(), "--dry-run", "output_dir=" + folder))
                        .as(err)
                        .isZero();
                assertThat(execute("help", "grpo.rewards.word")).as(err).isZero();
                assertThat(out).contains("whatever its case");
            } finally {
                Thread.currentThread().setContextClassLoader(loader.getParent());
            }
        }
        assertThat(RunFile.read(plugin.resolve("run.yaml"), List.of()).name()).isEqualTo("my-plug-in");
    }
}
