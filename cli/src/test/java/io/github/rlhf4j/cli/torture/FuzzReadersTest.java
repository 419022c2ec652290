package io.github.rlhf4j.cli.torture;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tools/fuzz found, and some damage to each reader's whole input. */
class FuzzReadersTest {
    @TempDir
    Path folder;

    @Test
    void everyReaderAcceptsOrRefusesInOneLine() throws IOException {
        Corpus corpus = new Corpus(folder.resolve("corpus"));
        corpus.makeOnce();
        FuzzReaders readers = new FuzzReaders(corpus, folder.resolve("work"));
        for (String name : readers.names()) {
            readers.prepare(name);
            byte[] whole = readers.whole(name);
            readers.read(name, whole);
            Form form = new String(whole, 0, 1, StandardCharsets.ISO_8859_1).matches("[\\[{]") ? Form.JSON : Form.TEXT;
            for (byte[] damaged : DamagedInputs.of(name, form, whole)) {
                check(readers, name, damaged);
            }
        }
        for (String line : findings()) {
            String[] parts = line.split("\t");
            readers.prepare(parts[0]);
            check(readers, parts[0], Base64.getDecoder().decode(parts[1]));
        }
    }

    private static void check(FuzzReaders readers, String name, byte[] input) {
        assertThatCode(() -> readers.read(name, input))
                .as(name + " " + Base64.getEncoder().encodeToString(input))
                .doesNotThrowAnyException();
    }

    /** A line each: the reader, a tab, the input in Base64. */
    private static List<String> findings() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/io/github/rlhf4j/cli/torture/fuzz-findings.tsv")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }
}
