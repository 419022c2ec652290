package io.github.rlhf4j.web.runs;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The folders of runs below one folder, by their places below it; those of experiments and of the lab among them. What is asked for is never outside. */
public final class RunFolders {
    private static final int DEEPEST = 6;
    private static final int MOST = 5_000;

    private final Path root;

    /** @param root need not exist yet */
    public RunFolders(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** The folder below which they are. */
    public Path root() {
        return root;
    }

    /** All, by their names below the folder; "." where the folder itself is one. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(root)) {
            collect(root, 0, names);
        }
        return names;
    }

    private void collect(Path folder, int depth, List<String> names) {
        if (isRun(folder)) {
            names.add(name(folder));
            return;
        }
        if (depth == DEEPEST || names.size() >= MOST) {
            return;
        }
        try (Stream<Path> children = Files.list(folder)) {
            children.filter(child -> !child.getFileName().toString().startsWith(".")
                            && Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .forEach(child -> collect(child, depth + 1, names));
        } catch (IOException e) {
            // a folder that cannot be read has no runs for this person
        }
    }

    private String name(Path folder) {
        String name = root.relativize(folder).toString().replace('\\', '/');
        return name.isEmpty() ? "." : name;
    }

    /** The folders of experiments around these runs, by their names below the folder. */
    List<String> experiments(List<String> runs) {
        Set<String> found = new TreeSet<>();
        Set<Path> seen = new HashSet<>();
        for (String run : runs) {
            for (Path folder = root.resolve(run).normalize().getParent();
                    folder != null && folder.startsWith(root) && seen.add(folder);
                    folder = folder.getParent()) {
                if (isExperiment(folder)) {
                    found.add(name(folder));
                }
            }
        }
        return List.copyOf(found);
    }

    private static boolean isExperiment(Path folder) {
        return Files.isRegularFile(folder.resolve(".rlhf4j-experiment"));
    }

    /**
     * The folder of an experiment.
     *
     * @param name as of {@link #experiments}
     * @throws UserError when it is none
     */
    Path experiment(String name) {
        return within(name, "experiment", RunFolders::isExperiment);
    }

    private static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(".rlhf4j"))
                || Files.exists(folder.resolve(".lock")) && Files.isRegularFile(folder.resolve("summary.json"));
    }

    /**
     * The folder of a run.
     *
     * @param name as of {@link #names}
     * @throws UserError when it is none
     */
    public Path of(String name) {
        return within(name, "run", RunFolders::isRun);
    }

    private Path within(String name, String what, Predicate<Path> isOne) {
        try {
            Path folder = root.resolve(name).normalize();
            if (folder.startsWith(root)
                    && isOne.test(folder)
                    && folder.toRealPath().startsWith(root.toRealPath())) {
                return folder;
            }
        } catch (InvalidPathException | IOException e) {
            // as below
        }
        throw new UserError("there is no " + what + " " + name + " below " + root);
    }

    /**
     * The folder of a run's stage.
     *
     * @throws UserError when there is none
     */
    public Path stage(String run, String stage) {
        if (stage.matches("[a-z0-9_-]+")) {
            Path folder = of(run).resolve(stage);
            if (Files.isRegularFile(folder.resolve("config.yaml"))) {
                return folder;
            }
        }
        throw new UserError("run " + run + " has no stage " + stage);
    }
}
