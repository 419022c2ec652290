package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Rows in the invented languages: {@code synthetic:languages} are texts in a mixture of them, {@code translations} prompts with translations, {@code questions} multiple-choice questions in the form of MMLU.
 *
 * <p>A text, and a sentence to translate, is on one side, training or held out, by a hash of what it says; so is a question, in whatever language.
 */
final class InventedTexts implements SyntheticPart {
    static final String TEXTS = "languages";
    static final String TRANSLATIONS = "translations";
    static final String QUESTIONS = "questions";
    static final String PARTS = "languages, languages_eval, translations, translations_eval, questions";

    private static final int DOCUMENTS = 30_000;
    private static final int PAIRS = 10_000;
    private static final int HELD_OUT = 600;
    private static final int QUESTIONS_OF_EACH = 200;
    private static final int ATTEMPTS = 10_000;
    private static final double QUESTIONS_SHARE = 0.3; // of training texts; half of them have choices
    /** Of so many, one is held out. */
    private static final int TEXT_BUCKETS = 10;

    private static final int QUESTION_BUCKETS = 5;

    private final SyntheticName name;
    private final WorldSize size;

    private InventedTexts(SyntheticName name, WorldSize size) {
        this.name = name;
        this.size = size;
    }

    static boolean isPart(String location) {
        return Stream.of(TEXTS, TRANSLATIONS, QUESTIONS).anyMatch(location::startsWith);
    }

    /**
     * The part called so.
     *
     * @throws UserError where there is none, or an option of it is wrong
     */
    static InventedTexts named(String location, WorldSize size) {
        SyntheticName name = SyntheticName.read(location);
        switch (name.part()) {
            case TEXTS, TEXTS + "_eval" -> name.requireOptions("alpha");
            case TRANSLATIONS, TRANSLATIONS + "_eval" -> name.requireOptions("alpha", "clauses");
            case QUESTIONS -> name.requireOptions("shots", "subject");
            default -> throw name.wrong("is unknown: the parts about languages are " + PARTS);
        }
        InventedTexts texts = new InventedTexts(name, size);
        texts.check();
        return texts;
    }

    private void check() {
        name.number("alpha", 1, 0, 10);
        name.range("clauses", 1, 2, 12);
        shots();
        subjects();
        if (name.part().startsWith(TRANSLATIONS) && !name.language().isEmpty()) {
            String[] pair = name.language().split("-", -1);
            if (pair.length != 2 || InventedLanguage.named(pair[0]) == InventedLanguage.named(pair[1])) {
                throw name.wrong("must name two languages as in translations/alo-beru, but names " + name.language());
            }
        } else if (!name.language().isEmpty()) {
            InventedLanguage.named(name.language());
        }
    }

    @Override
    public RecordKind kind() {
        return switch (name.part()) {
            case TEXTS, TEXTS + "_eval" -> RecordKind.TEXT;
            case QUESTIONS -> RecordKind.PROMPT;
            default -> RecordKind.PROMPT_COMPLETION;
        };
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        InventedLanguages languages = new InventedLanguages(seed, size);
        boolean heldOut = name.part().endsWith("_eval");
        CounterRandom random = languages.random().derive(name.part());
        return switch (name.part()) {
            case QUESTIONS -> questions(languages, random);
            case TEXTS, TEXTS + "_eval" ->
                rows(heldOut ? HELD_OUT : DOCUMENTS, i -> text(languages, random.derive(i), heldOut, i));
            default -> rows(heldOut ? HELD_OUT : PAIRS, i -> translation(languages, random.derive(i), heldOut, i));
        };
    }

    private static Stream<DataRecord> rows(int count, LongFunction<DataRecord> row) {
        return LongStream.range(0, count).mapToObj(row);
    }

    private static boolean isHeldOut(Object content, int buckets) {
        return Math.floorMod(CounterRandom.of(0).derive(content.toString()).bits(0), buckets) == 0;
    }

    private DataRecord text(InventedLanguages languages, CounterRandom random, boolean heldOut, long i) {
        double alpha = name.number("alpha", 1, 0, 10);
        InventedLanguage language = name.language().isEmpty()
                ? InventedLanguage.draw(alpha, new Draw(random.derive("language")))
                : InventedLanguage.named(name.language());
        InventedWords words = languages.words(language);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Draw draw = new Draw(random.derive(attempt));
            boolean question = draw.chance(QUESTIONS_SHARE) && !heldOut;
            String subject = languages.book().subject(draw.chance(0.7), draw);
            List<Fact> facts = draw.shuffled(languages.book().facts(subject));
            if (facts.isEmpty() || (question && isHeldOut(key(facts.get(0)), QUESTION_BUCKETS))) {
                continue;
            }
            String text = question ? answered(languages, words, facts.get(0), draw) : statements(words, facts, draw);
            if (question || isHeldOut(text, TEXT_BUCKETS) == heldOut) {
                return new TextRecord(text, new RowTags(name.part() + "-" + i, language.code()));
            }
        }
        throw new IllegalStateException("no text in " + language);
    }

    private static String answered(InventedLanguages languages, InventedWords words, Fact fact, Draw draw) {
        if (draw.chance(0.5)) {
            return multipleChoice(languages, words, fact, draw).solved();
        }
        String answer = words.sentence(List.of(Clause.draw(fact, draw)));
        return words.question(fact.subject(), fact.relation()) + " " + answer;
    }

    private static String key(Fact asked) {
        return asked.subject() + " " + asked.relation();
    }

    private static String statements(InventedWords words, List<Fact> facts, Draw draw) {
        List<String> sentences = new ArrayList<>();
        int next = 0;
        while (next < facts.size()) {
            int length = Math.min(1 + draw.below(2), facts.size() - next);
            sentences.add(words.sentence(facts.subList(next, next + length).stream()
                    .map(fact -> Clause.draw(fact, draw))
                    .toList()));
            next += length;
        }
        return String.join(words.between(), sentences);
    }

    private DataRecord translation(InventedLanguages languages, CounterRandom random, boolean heldOut, long i) {
        Draw own = new Draw(random.derive("languages"));
        InventedLanguage from = InventedLanguage.ALO;
        InventedLanguage to = InventedLanguage.ALO;
        if (name.language().isEmpty()) {
            while (to == InventedLanguage.ALO) {
                to = InventedLanguage.draw(name.number("alpha", 1, 0, 10), own);
            }
            if (own.chance(0.5)) {
                from = to;
                to = InventedLanguage.ALO;
            }
        } else {
            String[] pair = name.language().split("-", 2);
            from = InventedLanguage.named(pair[0]);
            to = InventedLanguage.named(pair[1]);
        }
        int[] range = name.range("clauses", 1, 2, 12);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Draw draw = new Draw(random.derive(attempt));
            int count = range[0] + draw.below(range[1] - range[0] + 1);
            List<Clause> clauses = new ArrayList<>();
            while (clauses.size() < count) {
                List<Fact> facts = languages.book().facts(languages.book().subject(draw.chance(0.7), draw));
                if (!facts.isEmpty()) {
                    clauses.add(Clause.draw(draw.pick(facts), draw));
                }
            }
            if (isHeldOut(clauses, TEXT_BUCKETS) == heldOut) {
                String prompt =
                        "[" + from.code() + "] " + languages.words(from).sentence(clauses) + " [" + to.code() + "]";
                String completion = " " + languages.words(to).sentence(clauses);
                Map<String, Object> columns = Map.of(
                        "from", from.code(), "to", to.code(), "clauses", (long) count, "answer", completion.strip());
                return new PromptCompletion(
                        Content.of(prompt),
                        Content.of(completion),
                        new RowTags(name.part() + "-" + i, from.code() + "-" + to.code(), columns));
            }
        }
        throw new IllegalStateException("no sentence to translate");
    }

    private int shots() {
        double shots = name.number("shots", 0, 0, 5);
        if (shots != Math.rint(shots)) {
            throw name.wrong("shots must be a whole number in 0..5, but is " + shots);
        }
        return (int) shots;
    }

    private List<Relation> subjects() {
        String subject = name.text("subject", "");
        List<Relation> found = Stream.of(Relation.values())
                .filter(relation -> subject.isEmpty() || subject(relation).equals(subject))
                .toList();
        if (found.isEmpty()) {
            throw name.wrong("subject must be one of "
                    + String.join(
                            ", ",
                            Stream.of(Relation.values())
                                    .map(InventedTexts::subject)
                                    .toList())
                    + ", but is " + subject);
        }
        return found;
    }

    private static String subject(Relation relation) {
        return relation.name().toLowerCase(Locale.ROOT);
    }

    /** Of each language the same questions, frequent subjects first to be drawn, all different. */
    private Stream<DataRecord> questions(InventedLanguages languages, CounterRandom random) {
        List<Fact> asked = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        List<Relation> subjects = subjects();
        for (long i = 0; asked.size() < QUESTIONS_OF_EACH && i < ATTEMPTS; i++) {
            Fact fact = drawn(languages, subjects.get((int) (i % subjects.size())), new Draw(random.derive(i)), true);
            if (seen.add(key(fact))) {
                asked.add(fact);
            }
        }
        List<InventedLanguage> wanted = name.language().isEmpty()
                ? List.of(InventedLanguage.values())
                : List.of(InventedLanguage.named(name.language()));
        return LongStream.range(0, (long) asked.size() * wanted.size()).mapToObj(i -> {
            Fact fact = asked.get((int) (i / wanted.size()));
            InventedLanguage language = wanted.get((int) (i % wanted.size()));
            return question(languages, language, fact, random.derive("choices").derive(key(fact)));
        });
    }

    private static Fact drawn(InventedLanguages languages, Relation relation, Draw draw, boolean heldOut) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FactBook book = languages.book();
            Optional<Fact> fact = book.fact(book.subject(relation.ofPerson(), draw), relation);
            if (fact.isPresent() && isHeldOut(key(fact.get()), QUESTION_BUCKETS) == heldOut) {
                return fact.get();
            }
        }
        throw new IllegalStateException("no fact about " + relation);
    }

    private DataRecord question(
            InventedLanguages languages, InventedLanguage language, Fact fact, CounterRandom random) {
        InventedWords words = languages.words(language);
        StringBuilder prompt = new StringBuilder();
        for (int shot = 0; shot < shots(); shot++) {
            Draw draw = new Draw(random.derive("shot").derive(shot));
            prompt.append(multipleChoice(languages, words, drawn(languages, fact.relation(), draw, false), draw)
                            .solved())
                    .append("\n\n");
        }
        MultipleChoice question = multipleChoice(languages, words, fact, new Draw(random));
        return new Prompt(
                Content.of(prompt + question.asked()),
                new RowTags(
                        subject(fact.relation()) + "-" + fact.subject() + "-" + language.code(),
                        language.code(),
                        Map.of(
                                "question",
                                question.question(),
                                "choices",
                                question.choices(),
                                "statements",
                                question.statements(),
                                "answer",
                                (long) question.answer(),
                                "subject",
                                subject(fact.relation()),
                                "language",
                                language.code())));
    }

    private static MultipleChoice multipleChoice(
            InventedLanguages languages, InventedWords words, Fact fact, Draw draw) {
        List<String> values = new ArrayList<>(List.of(fact.value()));
        while (values.size() < MultipleChoice.CHOICES) {
            String other = languages.book().value(fact.relation(), draw);
            if (!values.contains(other)) {
                values.add(other);
            }
        }
        List<String> order = draw.shuffled(values);
        Relation relation = fact.relation();
        return new MultipleChoice(
                words.question(fact.subject(), relation),
                order.stream().map(value -> words.value(relation, value)).toList(),
                order.stream()
                        .map(value -> new Fact(fact.subject(), relation, value))
                        .map(other -> words.sentence(List.of(new Clause(other, "", ""))))
                        .toList(),
                order.indexOf(fact.value()));
    }
}
