package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmOptionsTest {
    private static final List<String> METHODS = methodsOfKernels();

    static List<String> commands() {
        return JvmOptions.commands();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandToTheCompilerIsAboutAMethodOfOurs(String command) {
        String pattern = command.split(",", -1)[1];
        assertThat(METHODS).as(pattern).anyMatch(matching(pattern));
    }

    @Test
    void aDirectiveSaysWhatTheCommandsDo() {
        assertThat(JvmOptions.directives(List.of(
                        "-XX:CompileCommand=dontinline,a.b.Loops::*", "-XX:CompileCommand=inline,a.b.Exp::one*")))
                .isEqualTo("[{match: \"io/github/rlhf4j/*.*\", inline: [\"-a/b/Loops.*\", \"+a/b/Exp.one*\"]}]");
    }

    @Test
    void anyProgramGetsTheModuleAndTheCommandsButNoHeapAndNoCollector() {
        assertThat(JvmOptions.forAnyProgram())
                .containsAll(JvmOptions.commands())
                .contains("--add-modules jdk.incubator.vector")
                .noneMatch(line -> line.startsWith("-Xm") || line.contains("GC"));
    }

    private static java.util.function.Predicate<String> matching(String pattern) {
        return Pattern.compile(Arrays.stream(pattern.split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")))
                .asMatchPredicate();
    }

    /** All of them, as {@code package.Class::method}. */
    private static List<String> methodsOfKernels() {
        Path classes = Path.of("target", "classes");
        try (Stream<Path> files = Files.walk(classes.resolve("io/github/rlhf4j/core/kernels"))) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> classes.relativize(file).toString().replaceAll("\\.class$", ""))
                    .map(name -> name.replace('/', '.').replace('\\', '.'))
                    .filter(name -> !name.endsWith("package-info"))
                    .flatMap(JvmOptionsTest::methods)
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<String> methods(String name) {
        try {
            return Arrays.stream(Class.forName(name, false, JvmOptionsTest.class.getClassLoader())
                            .getDeclaredMethods())
                    .map(method -> name + "::" + method.getName());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
