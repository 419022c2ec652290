import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prepares the pages for {@code ./mvnw -Psite}: README.md, ARCHITECTURE.md, CONTRIBUTING.md and docs/ are written for GitHub, and Maven's Markdown differs in three points. Links to pages get
 * {@code .html}; headings get the anchors that GitHub gives them; a table after a paragraph gets an empty line before it. Usage: {@code java SitePages.java REPOSITORY TARGET}.
 */
final class SitePages {
    private static final List<String> FILES = List.of("LICENSE", "configs", "docs/images", "docs/examples", "examples");

    private final Path root;
    private final Path target;

    private SitePages(Path root, Path target) {
        this.root = root;
        this.target = target;
    }

    public static void main(String[] args) throws IOException {
        SitePages pages = new SitePages(Path.of(args[0]), Path.of(args[1]));
        for (Path page : pages.pages()) {
            pages.page(page);
        }
        for (String name : FILES) {
            pages.copy(pages.root.resolve(name), pages.target.resolve("resources").resolve(name));
        }
        Files.copy(pages.root.resolve("tools/site/site.xml"), pages.target.resolve("site.xml"));
    }

    private List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(root);
                Stream<Path> docs = Files.walk(root.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(page -> page.toString().endsWith(".md"))
                    .toList();
        }
    }

    private void page(Path page) throws IOException {
        Path to = target.resolve("markdown").resolve(root.relativize(page).toString().replace("README.md", "index.md"));
        Files.createDirectories(to.getParent());
        Files.writeString(to, anchored(Files.readString(page))
                .replaceAll("(]\\([^)\\s:]*)README\\.md(#[^)\\s]*)?\\)", "$1index.html$2)")
                .replaceAll("(]\\([^)\\s:]+)\\.md(#[^)\\s]*)?\\)", "$1.html$2)")
                .replaceAll("(?m)^([^|\\s].*)\n(\\|.*\n\\|--)", "$1\n\n$2"));
    }

    private static String anchored(String text) {
        StringBuilder anchored = new StringBuilder();
        Map<String, Integer> seen = new HashMap<>();
        boolean isCode = false;
        for (String line : text.lines().toList()) {
            isCode ^= line.startsWith("```");
            if (!isCode && line.matches("#{2,6} .*")) {
                String slug = line.replaceFirst("#+ ", "").strip().toLowerCase(Locale.ROOT);
                slug = slug.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
                int times = seen.merge(slug, 1, Integer::sum);
                anchored.append("\n<a id=\"").append(times == 1 ? slug : slug + "-" + (times - 1)).append("\"></a>\n\n");
            }
            anchored.append(line).append('\n');
        }
        return anchored.toString();
    }

    private void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !from.relativize(file).startsWith("target"))
                    .toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }
}
