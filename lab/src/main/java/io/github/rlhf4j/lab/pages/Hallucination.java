package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The page hallucination: answers to questions about facts that the model has read, has not read of people whom it knows, or of strangers; how one false statement brings another; remedies. */
public final class Hallucination implements Measure {
    private static final int ANSWER_TOKENS = 20;

    @Override
    public void measure(Subject subject) {
        List<FactQuestion> questions = subject.rows(subject.settings().text("dataset"), Prompt.class).stream()
                .map(FactQuestion::of)
                .toList();
        subject.settings()
                .values("shares")
                .forEach((stage, share) -> demonstrated(subject, stage, "answered", share, questions));
        demonstrated(subject, subject.settings().text("control"), "control", "known facts alone", questions);
        remedies(subject, questions);
    }

    /** After demonstrations that answer a share of what the model has not read, or, as a control, ask for nothing of it. */
    private static void demonstrated(
            Subject subject, String stage, String name, Object value, List<FactQuestion> questions) {
        try (LanguageModel model = subject.model(stage)) {
            List<FactAnswers> greedy = FactAnswers.of(questions, answers(model, questions, greedy()));
            GenerationOptions sampled = GenerationOptions.builder()
                    .maxNewTokens(ANSWER_TOKENS)
                    .samples(subject.settings().count("samples"))
                    .seed(subject.seed())
                    .build();
            List<FactAnswers> samples = FactAnswers.of(questions, answers(model, questions, sampled));
            for (int i = 0; i < greedy.size(); i++) {
                FactAnswers own = greedy.get(i);
                FactAnswers drawn = samples.get(i);
                subject.add(
                        Map.of(name, value, "known", own.known()),
                        Map.of(
                                "right", own.right(),
                                "wrong", own.wrong(),
                                "abstained", own.abstained(),
                                "wrong_confidence", own.wrongConfidence(),
                                "right_sampled", drawn.right(),
                                "wrong_sampled", drawn.wrong(),
                                "abstained_sampled", drawn.abstained()));
            }
        }
    }

    private static GenerationOptions greedy() {
        return GenerationOptions.builder()
                .greedy(true)
                .maxNewTokens(ANSWER_TOKENS)
                .build();
    }

    private static List<GeneratedText> answers(
            LanguageModel model, List<FactQuestion> questions, GenerationOptions options) {
        return model.generate(questions.stream().map(FactQuestion::prompt).toList(), options);
    }

    private static void remedies(Subject subject, List<FactQuestion> questions) {
        try (LanguageModel start = subject.model(subject.settings().text("start"))) {
            List<String> plain = texts(start, questions, FactQuestion::prompt);
            add(subject, "none", questions, plain);
            add(subject, "retrieval", questions, texts(start, questions, FactQuestion::withPassage));
            add(subject, "check, yes or no", questions, checked(start, questions, plain));
            add(subject, "check, other words", questions, agreeing(subject, start, questions, plain));
            snowball(subject, start, questions, plain);
        }
        Map.of(
                        "admit", "admit",
                        "right_only", "reward for right answers",
                        "with_abstention", "reward with abstention")
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(remedy -> {
                    try (LanguageModel model = subject.model(subject.settings().text(remedy.getKey()))) {
                        add(subject, remedy.getValue(), questions, texts(model, questions, FactQuestion::prompt));
                    }
                });
    }

    private static List<String> texts(
            LanguageModel model, List<FactQuestion> questions, Function<FactQuestion, String> prompt) {
        return generated(model, questions.stream().map(prompt).toList(), greedy());
    }

    private static List<String> generated(LanguageModel model, List<String> prompts, GenerationOptions options) {
        return model.generate(prompts, options).stream()
                .map(text -> text.text().strip())
                .toList();
    }

    private static void add(Subject subject, String remedy, List<FactQuestion> questions, List<String> texts) {
        FactAnswers.ofTexts(questions, texts)
                .forEach(answers -> subject.add(
                        Map.of("remedy", remedy, "known", answers.known()),
                        Map.of("right", answers.right(), "wrong", answers.wrong(), "abstained", answers.abstained())));
    }

    /** Answers that the model says yes to when it is asked whether they hold; else it admits. */
    private static List<String> checked(LanguageModel model, List<FactQuestion> questions, List<String> plain) {
        List<String> checks = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            checks.add(questions.get(i).check(FactQuestion.named(plain.get(i))));
        }
        List<String> verdicts = generated(model, checks, greedy());
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < plain.size(); i++) {
            kept.add(verdicts.get(i).startsWith("Yes") ? plain.get(i) : FactQuestion.ADMISSION);
        }
        return kept;
    }

    /** Answers that a sample to the same question in each other wording agrees with; else it admits. */
    private static List<String> agreeing(
            Subject subject, LanguageModel model, List<FactQuestion> questions, List<String> plain) {
        List<String> prompts = questions.stream()
                .flatMap(question -> question.wordings().stream())
                .toList();
        List<String> others = generated(
                model,
                prompts,
                GenerationOptions.builder()
                        .maxNewTokens(ANSWER_TOKENS)
                        .seed(subject.seed())
                        .build());
        List<String> kept = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < questions.size(); i++) {
            int to = from + questions.get(i).wordings().size();
            String own = FactQuestion.named(plain.get(i));
            boolean agrees = others.subList(from, to).stream()
                    .allMatch(other -> FactQuestion.named(other).equals(own));
            kept.add(agrees ? plain.get(i) : FactQuestion.ADMISSION);
            from = to;
        }
        return kept;
    }

    /** Of facts that the model states rightly when asked alone: what it states after a first word that is right or wrong, given or its own. */
    private static void snowball(
            Subject subject, LanguageModel model, List<FactQuestion> questions, List<String> plain) {
        List<FactQuestion> known = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            if (questions.get(i).known().equals("seen") && questions.get(i).isRight(plain.get(i))) {
                known.add(questions.get(i));
            }
        }
        subject.add(Map.of(), Map.of("facts_known", (double) known.size()));
        if (known.isEmpty()) {
            return;
        }
        for (String first : List.of("No.", "Yes.")) {
            List<String> statements = generated(
                    model,
                    known.stream().map(fact -> fact.check(fact.other()) + first).toList(),
                    greedy());
            subject.add(
                    Map.of("first_word", first.equals("No.") ? "right" : "wrong"),
                    Map.of("statement_wrong", falseShare(known, statements)));
        }
        List<String> own = generated(
                model, known.stream().map(fact -> fact.check(fact.other())).toList(), greedy());
        subject.add(
                Map.of("first_word", "the model's own"),
                Map.of(
                        "statement_wrong",
                        falseShare(known, own),
                        "verdict_wrong",
                        own.stream().filter(text -> text.startsWith("Yes")).count() / (double) own.size()));
    }

    /** Of texts that are about facts: which share does not name the right value. */
    private static double falseShare(List<FactQuestion> facts, List<String> statements) {
        int wrong = 0;
        for (int i = 0; i < facts.size(); i++) {
            wrong += facts.get(i).isRight(statements.get(i)) ? 0 : 1;
        }
        return wrong / (double) facts.size();
    }
}
