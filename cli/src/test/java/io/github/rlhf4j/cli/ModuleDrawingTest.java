package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The drawing of the modules in ARCHITECTURE.md is that of the poms, and the classes obey it. */
@AnalyzeClasses(packages = "io.github.rlhf4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleDrawingTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ARROW = Pattern.compile("(?m)^ +([a-z-]+) --> ([a-z-]+)$");
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*<groupId>io\\.github\\.rlhf4j</groupId>\\s*<artifactId>rlhf4j-([a-z-]+)</artifactId>(.*?)</dependency>",
            Pattern.DOTALL);

    @ArchTest
    static void theDrawingIsThatOfThePoms(JavaClasses classes) {
        assertThat(reachable(drawing())).isEqualTo(reachable(poms()));
    }

    @ArchTest
    static void classesDependOnWhatTheDrawingAllows(JavaClasses classes) {
        Map<String, Set<String>> allowed = reachable(drawing());
        Map<String, String> modules = modulesOfPackages();
        Set<String> forbidden = new TreeSet<>();
        for (JavaClass from : classes) {
            String module = modules.get(from.getPackageName());
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                String other = modules.get(dependency.getTargetClass().getPackageName());
                if (module != null
                        && other != null
                        && !other.equals(module)
                        && !allowed.getOrDefault(module, Set.of()).contains(other)) {
                    forbidden.add(from.getName() + " (" + module + ") uses "
                            + dependency.getTargetClass().getName() + " (" + other + ")");
                }
            }
        }
        assertThat(forbidden).isEmpty();
    }

    @ArchTest
    static void everyArrowIsNeeded(JavaClasses classes) {
        Map<String, Set<String>> drawing = drawing();
        drawing.forEach((from, targets) -> targets.forEach(to -> {
            Map<String, Set<String>> without = new TreeMap<>();
            drawing.forEach((module, others) -> {
                Set<String> kept = new TreeSet<>(others);
                if (module.equals(from)) {
                    kept.remove(to);
                }
                without.put(module, kept);
            });
            assertThat(reachable(without).get(from))
                    .as(from + " --> " + to + " follows from other arrows")
                    .doesNotContain(to);
        }));
    }

    private static Map<String, Set<String>> drawing() {
        Map<String, Set<String>> arrows = noArrows();
        Matcher arrow = ARROW.matcher(text(ROOT.resolve("ARCHITECTURE.md")));
        while (arrow.find()) {
            arrows.computeIfAbsent(arrow.group(1), module -> new TreeSet<>()).add(arrow.group(2));
        }
        return arrows;
    }

    private static Map<String, Set<String>> poms() {
        Map<String, Set<String>> arrows = noArrows();
        arrows.forEach((module, targets) -> {
            Matcher dependency = DEPENDENCY.matcher(text(ROOT.resolve(module).resolve("pom.xml")));
            while (dependency.find()) {
                if (!dependency.group(2).contains("<scope>test") && arrows.containsKey(dependency.group(1))) {
                    targets.add(dependency.group(1));
                }
            }
        });
        return arrows;
    }

    /** The modules with classes. */
    private static Map<String, Set<String>> noArrows() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        modulesOfPackages().values().forEach(module -> arrows.put(module, new TreeSet<>()));
        return arrows;
    }

    private static Map<String, Set<String>> reachable(Map<String, Set<String>> arrows) {
        Map<String, Set<String>> reachable = new TreeMap<>();
        arrows.keySet().forEach(module -> {
            Set<String> seen = new TreeSet<>();
            visit(module, arrows, seen);
            reachable.put(module, seen);
        });
        return reachable;
    }

    private static void visit(String module, Map<String, Set<String>> arrows, Set<String> seen) {
        for (String next : arrows.getOrDefault(module, Set.of())) {
            if (seen.add(next)) {
                visit(next, arrows, seen);
            }
        }
    }

    private static Map<String, String> modulesOfPackages() {
        Map<String, String> modules = new HashMap<>();
        Matcher module = Pattern.compile("<module>([a-z-]+)</module>").matcher(text(ROOT.resolve("pom.xml")));
        while (module.find()) {
            Path sources = ROOT.resolve(module.group(1)).resolve("src/main/java");
            if (Files.isDirectory(sources)) {
                try (Stream<Path> files = Files.walk(sources)) {
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(file -> sources.relativize(file.getParent())
                                    .toString()
                                    .replace('\\', '/')
                                    .replace('/', '.'))
                            .forEach(name -> modules.put(name, module.group(1)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return modules;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
