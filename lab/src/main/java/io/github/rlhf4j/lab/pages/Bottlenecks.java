package io.github.rlhf4j.lab.pages;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page bottlenecks: each generation of models is trained on texts of the one before, alone or with all earlier ones. */
public final class Bottlenecks implements Measure {
    /** A statement in alo: subject, verb, article, object; which words these are depends on the seed. */
    private static final Pattern STATEMENT = Pattern.compile("(\\p{Lu}\\p{L}+) (\\p{L}+) (\\p{L}+) (\\p{L}+)");

    @Override
    public void measure(Subject subject) {
        List<String> real = texts(subject, subject.settings().text("dataset"));
        Set<String> facts = statements(real);
        List<String> first = real.subList(0, subject.settings().count("texts"));
        for (String regime : subject.settings().texts("regimes")) {
            List<String> corpus = first;
            Run run = subject.run();
            for (int generation = 0; generation <= subject.settings().count("generations"); generation++) {
                subject.checkStop();
                if (generation > 0) {
                    run = train(subject, regime + "-" + generation, corpus);
                }
                List<String> written = write(subject, run, generation);
                subject.add(Map.of("regime", regime, "generation", generation), measures(run, written, first, facts));
                corpus = regime.equals("accumulated") ? joined(corpus, written) : written;
            }
        }
    }

    private static List<String> texts(Subject subject, String dataset) {
        return subject.rows(dataset, TextRecord.class).stream()
                .map(TextRecord::text)
                .toList();
    }

    private static List<String> joined(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** A new model with the first one's settings and tokenizer, as many steps, on other texts. */
    private static Run train(Subject subject, String name, List<String> corpus) {
        Path folder = subject.run().folder().resolve("generations").resolve(name);
        Path file = folder.resolveSibling(name + ".jsonl");
        write(file, corpus);
        Path first = subject.run().stage("pretrain").modelFolder();
        return subject.engine()
                .stage("pretrain")
                .dataset(file)
                .set("eval_dataset", subject.settings().text("eval_dataset"))
                .set("tokenizer.path", first.toString())
                .set(subject.settings().values("training"))
                .seed(subject.seed())
                .output(folder)
                .overwrite()
                .run();
    }

    private static void write(Path file, List<String> corpus) {
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder lines = new StringBuilder();
        corpus.forEach(text ->
                lines.append(mapper.createObjectNode().put("text", text)).append('\n'));
        AtomicFiles.writeString(file, lines.toString());
    }

    /** As many texts as the first model had. */
    private static List<String> write(Subject subject, Run run, int generation) {
        GenerationOptions options = GenerationOptions.builder()
                .maxNewTokens(subject.settings().count("tokens"))
                .seed(1000 * subject.seed() + generation)
                .build();
        try (LanguageModel model = run.stage("pretrain").model()) {
            return model.generate(Collections.nCopies(subject.settings().count("texts"), ""), options).stream()
                    .map(GeneratedText::text)
                    .map(text -> text.isBlank() ? "." : text) // an empty row would be refused
                    .toList();
        }
    }

    private static Map<String, Double> measures(Run run, List<String> written, List<String> first, Set<String> facts) {
        Set<String> own = statements(written);
        Set<String> right = new HashSet<>(own);
        right.retainAll(facts);
        Set<String> words = words(first);
        Set<String> kept = words(written);
        kept.retainAll(words);
        return Map.of(
                "bits_per_byte",
                run.stage("pretrain").metric("eval_bits_per_byte"),
                "true_statements",
                (double) right.size() / Math.max(1, own.size()),
                "facts",
                (double) right.size(),
                "words_kept",
                (double) kept.size() / words.size());
    }

    private static Set<String> statements(List<String> texts) {
        Set<String> statements = new HashSet<>();
        for (String text : texts) {
            Matcher matcher = STATEMENT.matcher(text);
            while (matcher.find()) {
                statements.add(matcher.group());
            }
        }
        return statements;
    }

    private static Set<String> words(List<String> texts) {
        Set<String> words = new HashSet<>();
        texts.forEach(text -> words.addAll(Arrays.asList(text.split("\\P{L}+"))));
        return words;
    }
}
