package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.InventedLanguage;
import io.github.rlhf4j.world.InventedLanguages;
import io.github.rlhf4j.world.WorldSize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The page languages: what a language's share of the training texts does to loss, knowledge, cost and translation. */
public final class Languages implements Measure {
    @Override
    public void measure(Subject subject) {
        InventedLanguages languages = new InventedLanguages(subject.seed(), WorldSize.STANDARD);
        try (LanguageModel model = subject.model("model")) {
            for (InventedLanguage language : InventedLanguage.values()) {
                texts(subject, model, languages, language);
                questions(subject, model, language);
            }
        }
        try (LanguageModel translator = subject.model("translator")) {
            for (InventedLanguage language : InventedLanguage.values()) {
                if (language != InventedLanguage.ALO) {
                    translations(subject, translator, languages, language);
                }
            }
        }
    }

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }

    /** Bits a byte and a fact of held-out texts, and whether their second halves are written in their language. */
    private static void texts(
            Subject subject, LanguageModel model, InventedLanguages languages, InventedLanguage language) {
        subject.checkStop();
        List<String> texts = subject.rows("synthetic:languages_eval/" + language.code(), TextRecord.class).stream()
                .map(TextRecord::text)
                .limit(subject.settings().count("texts"))
                .toList();
        double nats = texts.stream()
                .mapToDouble(text -> -model.logProbs(text).sumLogProb())
                .sum();
        double bytes = texts.stream()
                .mapToDouble(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        double facts = texts.stream()
                .mapToInt(text -> languages.countFacts(text, language))
                .sum();
        List<String> beginnings =
                texts.stream().map(text -> text.substring(0, text.length() / 3)).toList();
        long wrong = model
                .generate(
                        beginnings,
                        GenerationOptions.builder()
                                .maxNewTokens(24)
                                .seed(subject.seed())
                                .build())
                .stream()
                .map(GeneratedText::text)
                .filter(text -> languages
                        .languageOf(text)
                        .filter(found -> found != language)
                        .isPresent())
                .count();
        subject.add(
                place(language),
                Map.of(
                        "bits_per_byte",
                        nats / Math.log(2) / bytes,
                        "bits_per_fact",
                        nats / Math.log(2) / facts,
                        "wrong_language",
                        wrong / (double) texts.size()));
    }

    private static Map<String, Object> place(InventedLanguage language) {
        return Map.of("language", language.code(), "share", language.share() / 71);
    }

    /** Knowledge by the likeliest statement and by subject, MMLU's letters by the number of shots, and what a question and its answer cost. */
    private static void questions(Subject subject, LanguageModel model, InventedLanguage language) {
        int most = subject.settings().count("questions");
        List<Prompt> plain = questions(subject, language, 0).subList(0, most);
        double tokens = plain.stream()
                .mapToInt(row -> model.tokenizer().encode(column(row, "question"), false).length)
                .average()
                .orElse(Double.NaN);
        Map<String, List<Double>> known = new TreeMap<>();
        for (Prompt row : plain) {
            boolean isRight = right(row, best(model, column(row, "question") + " ", list(row, "statements")));
            known.computeIfAbsent(column(row, "subject"), name -> new ArrayList<>())
                    .add(isRight ? 1.0 : 0.0);
        }
        subject.add(
                place(language),
                Map.of(
                        "statement_accuracy",
                        mean(known.values().stream().flatMap(List::stream).toList()),
                        "question_tokens",
                        tokens));
        known.forEach((name, answers) -> subject.add(
                Map.of("language", language.code(), "subject", name),
                Map.of("subject_accuracy", mean(answers), "subject_questions", (double) answers.size())));
        answers(subject, model, language, plain);
        for (double shots : subject.settings().numbers("shots")) {
            subject.checkStop();
            double letters = questions(subject, language, (int) shots).stream()
                    .limit(most)
                    .filter(row -> right(row, best(model, text(row.prompt()), List.of(" A", " B", " C", " D"))))
                    .count();
            subject.add(Map.of("language", language.code(), "shots", shots), Map.of("letter_accuracy", letters / most));
        }
    }

    /** Tokens of the right answer, and how long the model writes at as many, one question at a time. */
    private static void answers(Subject subject, LanguageModel model, InventedLanguage language, List<Prompt> rows) {
        List<Double> tokens = new ArrayList<>();
        List<Double> milliseconds = new ArrayList<>();
        for (Prompt row : rows) {
            subject.checkStop();
            int answer = ((Number) row.tags().columns().getOrDefault("answer", 0)).intValue();
            int length = model.tokenizer().encode(list(row, "statements").get(answer), false).length;
            GenerationOptions options = GenerationOptions.builder()
                    .greedy(true)
                    .maxNewTokens(length)
                    .build();
            long start = System.nanoTime();
            model.generate(List.of(column(row, "question") + " "), options);
            milliseconds.add((System.nanoTime() - start) / 1e6);
            tokens.add((double) length);
        }
        subject.add(
                place(language), Map.of("answer_tokens", mean(tokens), "answer_milliseconds", median(milliseconds)));
    }

    private static double mean(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    private static double median(List<Double> numbers) {
        return numbers.stream().sorted().toList().get(numbers.size() / 2);
    }

    private static List<Prompt> questions(Subject subject, InventedLanguage language, int shots) {
        return subject.rows("synthetic:questions/" + language.code() + "/shots=" + shots, Prompt.class);
    }

    private static String column(Prompt row, String name) {
        return String.valueOf(row.tags().columns().get(name));
    }

    private static List<String> list(Prompt row, String name) {
        return ((List<?>) row.tags().columns().getOrDefault(name, List.of()))
                .stream().map(String::valueOf).toList();
    }

    private static boolean right(Prompt row, int choice) {
        return Long.valueOf(choice).equals(row.tags().columns().get("answer"));
    }

    /** Which continuation is the likeliest. */
    private static int best(LanguageModel model, String prompt, List<String> choices) {
        List<Double> logProbs = choices.stream()
                .map(choice -> model.logProbs(prompt + choice).sumLogProb())
                .toList();
        return IntStream.range(0, choices.size())
                .reduce(0, (best, i) -> logProbs.get(i) > logProbs.get(best) ? i : best);
    }

    /** To alo and back: the share of facts that is left. */
    private static void translations(
            Subject subject, LanguageModel model, InventedLanguages languages, InventedLanguage language) {
        subject.checkStop();
        String open = "[" + language.code() + "] ";
        String close = " [alo]";
        List<String> originals = new ArrayList<>();
        for (PromptCompletion row : subject.rows(
                        "synthetic:translations_eval/" + language.code() + "-alo", PromptCompletion.class)
                .subList(0, subject.settings().count("translations"))) {
            String prompt = text(row.prompt());
            originals.add(prompt.substring(open.length(), prompt.length() - close.length()));
        }
        List<String> there = translated(model, originals, open, close);
        List<String> back = translated(model, there, "[alo] ", " [" + language.code() + "]");
        double one = 0;
        double both = 0;
        for (int i = 0; i < originals.size(); i++) {
            one += languages.factsKept(originals.get(i), language, there.get(i), InventedLanguage.ALO);
            both += languages.factsKept(originals.get(i), language, back.get(i), language);
        }
        subject.add(
                place(language),
                Map.of("facts_to_alo", one / originals.size(), "facts_round_trip", both / originals.size()));
    }

    private static List<String> translated(LanguageModel model, List<String> texts, String before, String after) {
        GenerationOptions options =
                GenerationOptions.builder().greedy(true).maxNewTokens(60).build();
        return model.generate(texts.stream().map(text -> before + text + after).toList(), options).stream()
                .map(text -> text.text().strip())
                .toList();
    }
}
