package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code new plugin}: a Maven project with a reward of its own, its module, its test and a run file. */
@Command(
        name = "plugin",
        description = "Make a Maven project for an extension: a reward, its module, its test, a run file.")
final class NewPluginCommand implements Callable<Integer> {
    private static final String PACKAGE = "[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*";

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DIR", description = "The project's folder, which must be new or empty.")
    private Path folder = Path.of("");

    @Option(
            names = "--package",
            paramLabel = "NAME",
            defaultValue = "com.example.rlhf",
            description = "The Java package, also Maven's group (default: ${DEFAULT-VALUE}).")
    private String packageName = "com.example.rlhf";

    NewPluginCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!packageName.matches(PACKAGE)) {
            throw new UserError("--package must be a Java package such as com.example.rlhf, but is " + packageName);
        }
        requireFree();
        files().forEach(this::write);
        terminal.line("made " + folder + "; next: see " + folder.resolve("README.md"));
        return 0;
    }

    private void requireFree() {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new UserError(folder + " is not empty; name a new folder");
            }
        } catch (IOException e) {
            throw new UserError(folder + " exists and is no folder that can be read; name a new folder", e);
        }
    }

    /** File to template. */
    private Map<String, String> files() {
        String java = "java/" + packageName.replace('.', '/') + "/";
        Map<String, String> files = new LinkedHashMap<>();
        files.put("pom.xml", "pom.xml");
        files.put("README.md", "README.md");
        files.put("run.yaml", "run.yaml");
        files.put("src/main/" + java + "KeywordReward.java", "KeywordReward.java");
        files.put("src/main/" + java + "PluginModule.java", "PluginModule.java");
        files.put("src/main/resources/META-INF/services/com.google.inject.Module", "module");
        files.put("src/test/" + java + "KeywordRewardTest.java", "KeywordRewardTest.java");
        return files;
    }

    private void write(String file, String template) {
        String text = Templates.text("plugin/" + template + ".txt")
                .replace("@PACKAGE@", packageName)
                .replace("@NAME@", name())
                .replace("@VERSION@", Version.current());
        try {
            Path path = folder.resolve(file);
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UserError("cannot write " + folder.resolve(file) + ": " + e.getMessage(), e);
        }
    }

    /** The folder's name as Maven wants an artifact's, and a run file a run's. */
    private String name() {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9_.-]+", "-")
                .replaceAll("^[.-]+", "");
        return name.isEmpty() ? "plugin" : name;
    }
}
