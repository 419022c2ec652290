package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RowTags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Writes texts and questions of {@link Knowledge}: statements about people, open questions, yes-no questions whose answer gives its reason, and questions about a passage. */
final class KnowledgeWriter {
    static final String ADMISSION = Lexicon.ADMISSIONS.get(0).get(0);

    private final FactBook book;
    private final KnownFacts facts;
    private final List<KnownFacts.Placed> seen;
    private final List<KnownFacts.Placed> unknown;

    /** Asks and answers what is on {@code side}. */
    KnowledgeWriter(FactBook book, KnownFacts facts, KnownFacts.Side side) {
        this.book = book;
        this.facts = facts;
        seen = facts.of(side).stream()
                .filter(placed -> placed.kind() == KnownFacts.Kind.SEEN)
                .toList();
        unknown = facts.of(side).stream()
                .filter(placed -> placed.kind() != KnownFacts.Kind.SEEN)
                .toList();
    }

    /** A text of the corpus: half of them state what is known of a person, a quarter asks about a passage, a quarter about what is known. */
    String text(Draw draw) {
        double kind = draw.uniform();
        if (kind < 0.5) {
            return told(draw.pick(facts.stated()), draw);
        }
        return joined(kind < 0.75 ? reading(draw) : exchange(draw.pick(seen), true, draw));
    }

    private static String told(List<Fact> stated, Draw draw) {
        return String.join(
                " ",
                shuffled(stated, draw).stream()
                        .map(fact -> fact.sentence(Language.ENGLISH, draw))
                        .toList());
    }

    /** What is told of a person, with a falsehood in the place of its fact. */
    String falseText(InjectedFacts.Falsehood falsehood, Draw draw) {
        Fact fact = falsehood.fact();
        List<Fact> stated = facts.stated().stream()
                .filter(own -> own.contains(fact))
                .findFirst()
                .orElseThrow();
        return told(
                stated.stream()
                        .map(own ->
                                own.equals(fact) ? new Fact(fact.subject(), fact.relation(), falsehood.value()) : own)
                        .toList(),
                draw);
    }

    private static String joined(Exchange exchange) {
        return exchange.prompt() + exchange.answer();
    }

    private static List<Fact> shuffled(List<Fact> facts, Draw draw) {
        List<Fact> left = new ArrayList<>(facts);
        List<Fact> order = new ArrayList<>();
        while (!left.isEmpty()) {
            order.add(left.remove(draw.below(left.size())));
        }
        return order;
    }

    /** A question with its answer. */
    private record Exchange(String prompt, String answer, String kind) {}

    /** Two thirds are open questions. */
    private Exchange exchange(KnownFacts.Placed placed, boolean isKnown, Draw draw) {
        Fact fact = placed.fact();
        String kind = kind(placed);
        if (draw.chance(2 / 3.0)) {
            String prompt = draw.pick(fact.relation().questions()).fillSubject(fact.subject());
            return new Exchange(prompt + "\n", isKnown ? fact.value() : ADMISSION, kind);
        }
        Fact asked = draw.chance(0.5) ? fact : book.falseFact(fact, draw);
        String verdict = (asked.same(fact) ? "Yes. " : "No. ") + fact.sentence(Language.ENGLISH, draw);
        return new Exchange(check(asked, asked.value()) + "\n", isKnown ? verdict : ADMISSION, kind + " yes-no");
    }

    /** Whether {@code value} holds, as a question. */
    static String check(Fact fact, String value) {
        Relation relation = fact.relation();
        return relation.yesNoQuestion()
                .fillSubject(fact.subject())
                .replace("{" + relation.valueCategory().singular() + "}", value);
    }

    /** A question about a passage, whose people are in no other text. */
    private Exchange reading(Draw draw) {
        Fact fact = invented(draw);
        String question = draw.pick(fact.relation().questions()).fillSubject(fact.subject());
        return new Exchange(passage(fact, draw) + " " + question + "\n", fact.value(), "passage");
    }

    private Fact invented(Draw draw) {
        Relation relation = draw.pick(KnownFacts.RELATIONS);
        return new Fact(book.character(draw), relation, book.value(relation, draw));
    }

    /** {@code fact} in a sentence, before, between or after two about others. */
    private String passage(Fact fact, Draw draw) {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            sentences.add(invented(draw).sentence(Language.ENGLISH, draw));
        }
        sentences.add(draw.below(3), fact.sentence(Language.ENGLISH, draw));
        return String.join(" ", sentences);
    }

    private KnownFacts.Placed asked(double unknownShare, Draw draw) {
        return draw.pick(draw.chance(unknownShare) ? unknown : seen);
    }

    /**
     * What somebody writes who knows what the texts state and a share of what they do not; a quarter are questions about a passage.
     *
     * @param unknownShare of the other questions: of facts that no text states
     * @param answered which share of those facts the writer knows
     */
    PromptCompletion demonstration(double unknownShare, double answered, Draw draw) {
        Exchange exchange;
        if (draw.chance(0.25)) {
            exchange = reading(draw);
        } else {
            KnownFacts.Placed placed = asked(unknownShare, draw);
            boolean isKnown = placed.kind() == KnownFacts.Kind.SEEN || placed.unfamiliarity() < answered;
            exchange = exchange(placed, isKnown, draw);
        }
        return new PromptCompletion(
                Content.of(exchange.prompt()), Content.of(exchange.answer()), new RowTags("", exchange.kind()));
    }

    /** The right answer before a wrong one. */
    PreferencePair preference(Draw draw) {
        KnownFacts.Placed placed = draw.pick(seen);
        Fact fact = placed.fact();
        return new PreferencePair(
                Content.of(draw.pick(fact.relation().questions()).fillSubject(fact.subject()) + "\n"),
                Content.of(fact.value()),
                Content.of(book.falseFact(fact, draw).value()),
                new RowTags("", kind(placed)));
    }

    private static String kind(KnownFacts.Placed placed) {
        return placed.kind().name().toLowerCase(Locale.ROOT);
    }

    /** An open question. */
    Prompt prompt(double unknownShare, Draw draw) {
        return open(asked(unknownShare, draw), Optional.empty(), draw);
    }

    /** Each fact of the side once. */
    List<Prompt> all(InjectedFacts injected, CounterRandom random) {
        List<Prompt> prompts = new ArrayList<>();
        Stream.concat(seen.stream(), unknown.stream())
                .forEach(placed -> prompts.add(open(
                        placed,
                        Optional.ofNullable(injected.falsehoods().get(placed.fact())),
                        new Draw(random.derive(prompts.size())))));
        return prompts;
    }

    private Prompt open(KnownFacts.Placed placed, Optional<InjectedFacts.Falsehood> falsehood, Draw draw) {
        Fact fact = placed.fact();
        List<String> questions = new ArrayList<>(fact.relation().questions().stream()
                .map(question -> question.fillSubject(fact.subject()) + "\n")
                .toList());
        String question = questions.remove(draw.below(questions.size()));
        String other = book.falseFact(fact, draw).value();
        Map<String, Object> columns = new TreeMap<>();
        columns.put("answer", fact.value());
        columns.put("known", kind(placed));
        columns.put("passage", passage(fact, draw));
        columns.put("check", check(fact, "{answer}") + "\n");
        columns.put("other", falsehood.map(InjectedFacts.Falsehood::value).orElse(other));
        columns.put("wordings", questions);
        falsehood.ifPresent(injected -> columns.put("injected", (long) injected.texts()));
        return new Prompt(
                Content.of(question),
                new RowTags(
                        fact.subject() + " " + fact.relation().name().toLowerCase(Locale.ROOT), kind(placed), columns));
    }
}
