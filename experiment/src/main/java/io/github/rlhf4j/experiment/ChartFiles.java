package io.github.rlhf4j.experiment;

import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.report.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The folder charts beside a page: every picture as SVG and CSV. */
final class ChartFiles {
    private static final String FOLDER = "charts";

    private final Path folder;
    private final Set<String> names = new HashSet<>();

    /** @param page the folder of the page */
    ChartFiles(Path page) {
        this.folder = page.resolve(FOLDER);
    }

    /** Removes pictures of an earlier state of the page, such as that of a half-done experiment. */
    void removeOthers() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> {
                        String name = String.valueOf(file.getFileName());
                        return name.matches(".*\\.(svg|csv)") && !names.contains(name.substring(0, name.length() - 4));
                    })
                    .toList()
                    .forEach(AtomicFiles::delete);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** Writes a picture and gives it for the page. */
    String figure(Chart chart) {
        String plain = chart.title()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9._]+", "-")
                .replaceAll("^[.-]+|-+$", "");
        String name = plain.substring(0, Math.min(60, plain.length()));
        for (int i = 2; !names.add(name); i++) {
            name = plain.substring(0, Math.min(60, plain.length())) + "-" + i;
        }
        AtomicFiles.writeString(folder.resolve(name + ".svg"), chart.svg());
        AtomicFiles.writeString(folder.resolve(name + ".csv"), chart.csv());
        return Page.figure(chart, FOLDER + "/" + name);
    }
}
