package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Texts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The pictures of a report as files of their own, SVG and CSV. Each figure of the page carries its numbers in a comment ({@link #numbers}), which is taken out again.
 *
 * @param html the page, with links to the files
 * @param files name in the folder charts to content
 */
record FigureFiles(String html, Map<String, String> files) {
    /** Beside the page. */
    static final String FOLDER = "charts";

    private static final Pattern PLACES = Pattern.compile(
            "<section id=\"([^\"]*)\"|<figure>(<figcaption>.*?)</figcaption>(<svg .*?</svg>)<!--csv ([^-]*)--></figure>",
            Pattern.DOTALL);
    private static final Pattern LABEL = Pattern.compile("aria-label=\"([^\"]*)\"");
    private static final Pattern OF_DRAWINGS = Pattern.compile("(svg|\\.(grid|zero|line|bar|dot|mark|bubble))[ .].*");
    private static final Pattern COLOR = Pattern.compile("(--[a-z0-9]+): (#[0-9a-f]+)");
    private static final int LONGEST_NAME = 70;
    private static final String LOOKS = looks();

    /** The comment with a figure's numbers. */
    static String numbers(List<String> head, List<List<?>> rows) {
        StringBuilder csv = new StringBuilder(Texts.csvRow(head));
        rows.forEach(row -> csv.append(Texts.csvRow(row)));
        return "<!--csv " + Base64.getEncoder().encodeToString(csv.toString().getBytes(StandardCharsets.UTF_8)) + "-->";
    }

    /**
     * Takes the pictures out of a page.
     *
     * @param isThere whether a picture's files are or will be there, by its name: only then it has links
     */
    static FigureFiles of(String page, Predicate<String> isThere) {
        Map<String, String> files = new LinkedHashMap<>();
        StringBuilder html = new StringBuilder();
        String section = "";
        Matcher found = PLACES.matcher(page);
        while (found.find()) {
            if (found.group(1) != null) {
                section = found.group(1).replaceFirst("^stage-", "");
                continue;
            }
            Matcher label = LABEL.matcher(found.group(3));
            String name = name(section + "-" + (label.find() ? label.group(1) : "picture"), files);
            files.put(name + ".svg", svg(found.group(3)));
            files.put(name + ".csv", new String(Base64.getDecoder().decode(found.group(4)), StandardCharsets.UTF_8));
            String links = isThere.test(name)
                    ? " <small>" + Html.link(FOLDER + "/" + name + ".svg", "SVG") + " "
                            + Html.link(FOLDER + "/" + name + ".csv", "CSV") + "</small>"
                    : "";
            found.appendReplacement(
                    html,
                    Matcher.quoteReplacement(
                            "<figure>" + found.group(2) + links + "</figcaption>" + found.group(3) + "</figure>"));
        }
        return new FigureFiles(found.appendTail(html).toString(), files);
    }

    private static String name(String title, Map<String, String> taken) {
        String plain = title.toLowerCase(Locale.ROOT)
                .replaceAll("&[a-z#0-9]+;", "-")
                .replaceAll("[^a-z0-9._]+", "-")
                .replaceAll("^[.-]+|-+$", "");
        String brief = plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
        String name = brief;
        for (int i = 2; taken.containsKey(name + ".svg"); i++) {
            name = brief + "-" + i;
        }
        return name;
    }

    /** A drawing with the looks that it has in the page, in light colours. */
    private static String svg(String inline) {
        int end = inline.indexOf('>');
        return inline.substring(0, end).replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
                + "><style>\n" + LOOKS + "</style>" + inline.substring(end + 1) + "\n";
    }

    /** The rules of the page's style sheet that drawings need; programs that draw SVG know no variables. */
    private static String looks() {
        String sheet = Resources.text("report.css");
        String rules = sheet.lines()
                .filter(line -> OF_DRAWINGS.matcher(line).matches())
                .collect(Collectors.joining("\n"));
        Matcher color = COLOR.matcher(sheet.substring(0, sheet.indexOf("[data-theme=dark]")));
        while (color.find()) {
            rules = rules.replace("var(" + color.group(1) + ")", color.group(2));
        }
        return rules + "\nsvg { background: #ffffff; font-family: sans-serif; }\n";
    }

    /** Writes the files into the folder charts of a run. */
    void write(Path run) {
        Path folder = run.resolve(FOLDER);
        try {
            if (!files.isEmpty()) {
                Files.createDirectories(folder);
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }
}
