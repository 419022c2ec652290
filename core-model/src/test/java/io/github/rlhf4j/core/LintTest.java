package io.github.rlhf4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The other modules compile with -Werror. This one cannot: javac's warning about the incubating Vector API has no switch. So its sources are compiled here once more. */
class LintTest {
    @TempDir
    Path classes;

    @Test
    void theCompilerWarnsOfNothingButTheIncubatingModule() {
        assertThat(warnings(Path.of("src/main/java"))).isEmpty();
    }

    private List<String> warnings(Path sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options = List.of(
                "--release",
                "17",
                "-proc:none",
                "--add-modules",
                "jdk.incubator.vector",
                "-Xmaxwarns",
                "1000",
                "-Xlint:all,-processing,-path,-options",
                "-cp",
                classPath,
                "-d",
                classes.toString());
        try (StandardJavaFileManager files = compiler.getStandardFileManager(found, Locale.ROOT, null);
                Stream<Path> paths = Files.walk(sources)) {
            List<Path> javaFiles =
                    paths.filter(path -> path.toString().endsWith(".java")).toList();
            compiler.getTask(null, files, found, options, null, files.getJavaFileObjectsFromPaths(javaFiles))
                    .call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() != Diagnostic.Kind.NOTE)
                .filter(diagnostic -> !diagnostic.getMessage(Locale.ROOT).contains("incubating module"))
                .map(Object::toString)
                .toList();
    }
}
