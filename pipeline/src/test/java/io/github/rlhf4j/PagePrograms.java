package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The complete programs of a page: its blocks of Java that have a public class. */
final class PagePrograms {
    private static final Pattern BLOCK = Pattern.compile("(?m)^```java\n((?:(?!```).*\n)+)```$");
    private static final Pattern NAME = Pattern.compile("(?m)^public final class (\\w+)");
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private final Path classes;

    /** @param classes where they are compiled to */
    PagePrograms(Path classes) {
        this.classes = classes;
    }

    /** Compiles them; any warning is an error. */
    void compile(Path page) throws IOException {
        Files.createDirectories(classes);
        List<Path> sources = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page));
        while (block.find()) {
            Matcher name = NAME.matcher(block.group(1));
            if (name.find()) {
                sources.add(Files.writeString(classes.resolve(name.group(1) + ".java"), block.group(1)));
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options = List.of(
                    "-d",
                    classes.toString(),
                    "-cp",
                    CLASS_PATH,
                    "--release",
                    "17",
                    "-Xlint:all,-path,-processing",
                    "-Werror");
            boolean done = compiler.getTask(
                            messages, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(done).as(messages.toString()).isTrue();
        }
    }

    /** Runs one to its end and gives the lines that it prints. */
    List<String> run(String name, String... arguments) throws IOException {
        Process process = start(name, arguments);
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        try {
            assertThat(process.waitFor()).as(errors(name)).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return lines;
    }

    /** What one has written to standard error. */
    String errors(String name) throws IOException {
        return Files.readString(classes.resolve(name + ".err"));
    }

    /** Starts one. */
    Process start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                classes + System.getProperty("path.separator") + CLASS_PATH,
                name));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(classes.resolve(name + ".err").toFile())
                .start();
    }
}
