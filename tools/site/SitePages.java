import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Prepares the pages for {@code ./mvnw -Psite}: README.md, ARCHITECTURE.md, CONTRIBUTING.md and docs/ are written for GitHub, and Maven's Markdown differs in four points. Links to pages get
 * {@code .html}; headings get the anchors that GitHub gives them; a table after a paragraph gets an empty line before it; the drawing of the modules becomes a picture. Usage: {@code java SitePages.java REPOSITORY TARGET}.
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
        Files.writeString(to, anchored(drawn(Files.readString(page)))
                .replaceAll("(]\\([^)\\s:]*)README\\.md(#[^)\\s]*)?\\)", "$1index.html$2)")
                .replaceAll("(]\\([^)\\s:]+)\\.md(#[^)\\s]*)?\\)", "$1.html$2)")
                .replaceAll("(?m)^([^|\\s].*)\n(\\|.*\n\\|--)", "$1\n\n$2"));
    }

    /** With a picture in place of a block of Mermaid. */
    private String drawn(String text) throws IOException {
        Matcher block = Pattern.compile("```mermaid\\n(.*?)```\\n", Pattern.DOTALL).matcher(text);
        if (!block.find()) {
            return text;
        }
        Path picture = target.resolve("resources/images/modules.svg");
        Files.createDirectories(picture.getParent());
        Files.writeString(picture, svg(block.group(1)));
        return block.replaceFirst("![The modules](images/modules.svg)\n");
    }

    /** Each module a layer above the highest of those that it depends on. */
    private static String svg(String arrows) {
        Map<String, List<String>> edges = new TreeMap<>();
        Matcher arrow = Pattern.compile("([a-z-]+) --> ([a-z-]+)").matcher(arrows);
        while (arrow.find()) {
            edges.computeIfAbsent(arrow.group(1), name -> new ArrayList<>()).add(arrow.group(2));
            edges.computeIfAbsent(arrow.group(2), name -> new ArrayList<>());
        }
        Map<Integer, List<String>> layers = new TreeMap<>();
        edges.keySet().forEach(name -> layers.computeIfAbsent(layer(name, edges), layer -> new ArrayList<>()).add(name));
        int height = 70 * layers.size();
        Map<String, int[]> places = new HashMap<>();
        layers.forEach((layer, names) -> {
            for (int i = 0; i < names.size(); i++) {
                places.put(names.get(i), new int[] {(2 * i + 1) * 400 / names.size(), height - 35 - 70 * layer});
            }
        });
        StringBuilder svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"" + height
                + "\" font-family=\"sans-serif\" font-size=\"14\">\n");
        edges.forEach((from, targets) -> targets.forEach(to -> svg.append(
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#888\"/>\n".formatted(
                        places.get(from)[0], places.get(from)[1] + 16, places.get(to)[0], places.get(to)[1] - 16))));
        places.forEach((name, at) -> svg.append(
                "<rect x=\"%d\" y=\"%d\" width=\"130\" height=\"32\" rx=\"5\" fill=\"#eef3fa\" stroke=\"#557\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n".formatted(
                        at[0] - 65, at[1] - 16, at[0], at[1] + 5, name)));
        return svg.append("</svg>\n").toString();
    }

    private static int layer(String name, Map<String, List<String>> edges) {
        return edges.get(name).stream().mapToInt(below -> layer(below, edges) + 1).max().orElse(0);
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
