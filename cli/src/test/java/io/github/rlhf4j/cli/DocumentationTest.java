package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md, ARCHITECTURE.md, CONTRIBUTING.md and the pages below docs: what they link to exists, and they are rendered as they were meant. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("(?<!`)\\[[^]\\[]*]\\(([^)\\s]+)\\)|<img src=\"([^\"]+)\"");
    private static final Pattern CLASS = Pattern.compile("`((?:[a-z0-9]+\\.)+[A-Z]\\w*)");
    private static final Pattern TEST = Pattern.compile("`(?:[a-z]+\\.)*([A-Z]\\w*Test)(?:\\.(\\w+))?");
    private static final Pattern NOT_A_SLUG = Pattern.compile("[^\\p{L}\\p{N} _-]");

    @Test
    void everyLinkLeadsToAPageOrAHeading() {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(withoutCode(text(page)));
            while (link.find()) {
                String target = link.group(1) == null ? link.group(2) : link.group(1);
                if (!target.startsWith("http") && !leadsSomewhere(page, target)) {
                    broken.add(ROOT.relativize(page) + ": " + target);
                }
            }
        }
        assertThat(broken).as("links that lead nowhere").isEmpty();
    }

    /** Markdown takes indented lines right after a paragraph for a part of it, and needs a header above a table's rows. */
    @Test
    void programsAndTablesAreRenderedAsSuch() {
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            List<String> lines = text(page).lines().toList();
            boolean isFenced = false;
            for (int i = 1; i < lines.size(); i++) {
                String before = lines.get(i - 1);
                String line = lines.get(i);
                isFenced ^= before.startsWith("```");
                if (isFenced) {
                    continue;
                }
                boolean isParagraph = !before.isBlank() && !before.startsWith("    ") && !before.startsWith("#");
                if (line.startsWith("    ") && isParagraph && !isListItem(before)) {
                    wrong.add(ROOT.relativize(page) + ":" + (i + 1) + ": a program without an empty line before it");
                }
                boolean isTable = line.startsWith("|") && !before.startsWith("|");
                if (isTable && !(i + 1 < lines.size() && lines.get(i + 1).startsWith("|--"))) {
                    wrong.add(ROOT.relativize(page) + ":" + (i + 1) + ": a table without a header");
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** The site ({@code ./mvnw -Psite}) reads its pages as XML. */
    @Test
    void picturesAndBreaksAreClosed() {
        assertThat(pages())
                .allSatisfy(page -> assertThat(text(page).replaceAll("`[^`\n]*`", ""))
                        .doesNotContainPattern("<(img|br|hr)\\b[^>]*(?<!/)>"));
    }

    @Test
    void theIndexNamesEveryPage() {
        Path docs = ROOT.resolve("docs");
        Path index = docs.resolve("README.md");
        String text = text(index);
        assertThat(pages())
                .filteredOn(page -> page.startsWith(docs) && !page.equals(index))
                .allSatisfy(page -> assertThat(text)
                        .contains("](" + docs.relativize(page).toString().replace('\\', '/') + ")"));
    }

    @Test
    void noPageCitesAnIssueOfThisProject() {
        assertThat(pages())
                .allSatisfy(page -> assertThat(text(page)).doesNotContainPattern("(?i)project's issue|issue #?\\d"));
    }

    /** A class that a page names with its package is there. */
    @Test
    void everyClassThatAPageNamesExists() throws IOException {
        Set<String> classes = new HashSet<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            files.map(path -> path.toString().replace('\\', '/'))
                    .filter(path -> path.endsWith(".java") && path.contains("/io/github/rlhf4j/"))
                    .map(path -> path.replaceFirst(".*/io/github/rlhf4j/", "").replaceFirst("\\.java$", ""))
                    .forEach(path -> classes.add(path.replace('/', '.')));
        }
        List<String> gone = new ArrayList<>();
        for (Path page : pages()) {
            Matcher name = CLASS.matcher(text(page).replaceAll("(?ms)^```.*?^```", ""));
            while (name.find()) {
                if (!classes.contains(name.group(1).replaceFirst("^io\\.github\\.rlhf4j\\.", ""))) {
                    gone.add(ROOT.relativize(page) + ": " + name.group(1));
                }
            }
        }
        assertThat(gone).as("classes that are nowhere").isEmpty();
    }

    /** A test that a page says holds something is there, and so is its method. */
    @Test
    void everyTestThatAPageNamesExists() throws IOException {
        Map<String, String> tests = new HashMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            files.filter(path -> path.toString().matches(".*[/\\\\]src[/\\\\]test[/\\\\].*Test\\.java"))
                    .forEach(path -> tests.merge(
                            path.getFileName().toString().replaceFirst("\\.java$", ""), text(path), String::concat));
        }
        List<String> gone = new ArrayList<>();
        for (Path page : pages()) {
            Matcher name = TEST.matcher(text(page));
            while (name.find()) {
                String source = tests.getOrDefault(name.group(1), "");
                if (source.isEmpty() || name.group(2) != null && !source.contains("void " + name.group(2) + "(")) {
                    gone.add(ROOT.relativize(page) + ": " + name.group());
                }
            }
        }
        assertThat(gone).as("tests that are nowhere").isEmpty();
    }

    private static boolean isListItem(String line) {
        return line.matches("\\s*([-*]|\\d+\\.) .*");
    }

    private static boolean leadsSomewhere(Path page, String target) {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path place = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(place)) {
            return false;
        }
        return hash < 0 || headings(place).contains(target.substring(hash + 1));
    }

    /** The anchors that GitHub gives to headings. */
    private static Set<String> headings(Path page) {
        Map<String, Integer> seen = new HashMap<>();
        Set<String> anchors = new HashSet<>();
        text(page).lines().filter(line -> line.matches("#{1,6} .*")).forEach(line -> {
            String heading = line.replaceFirst("#+ ", "").strip().toLowerCase(Locale.ROOT);
            String slug = NOT_A_SLUG.matcher(heading).replaceAll("").replace(' ', '-');
            int times = seen.merge(slug, 1, Integer::sum);
            anchors.add(times == 1 ? slug : slug + "-" + (times - 1));
        });
        return anchors;
    }

    private static String withoutCode(String text) {
        return text.replaceAll("(?ms)^```.*?^```", "")
                .replaceAll("(?m)^    .*$", "")
                .replaceAll("`[^`\n]*`", "code");
    }

    private static List<Path> pages() {
        try (Stream<Path> below = Files.walk(ROOT.resolve("docs"));
                Stream<Path> root = Files.list(ROOT)) {
            return Stream.concat(below, root)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
