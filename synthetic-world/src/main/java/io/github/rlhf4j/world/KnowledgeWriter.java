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

/** Writes texts and questions of {@link Knowledge}: statements about people, sentences to complete, yes-no questions whose answer gives its reason, and sentences that a passage completes. */
final class KnowledgeWriter {
    static final String ADMISSION = " unknown.";

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

    /** A text of the corpus: six in ten state what is known of a person, a fifth is a passage that says a thing twice, a fifth asks. */
    String text(Draw draw) {
        double kind = draw.uniform();
        if (kind < 0.6) {
            return told(draw.pick(facts.stated()), draw);
        }
        Exchange exchange = kind < 0.8 ? reading(draw) : yesNo(draw.pick(seen), true, draw);
        return exchange.prompt() + exchange.answer();
    }

    private static String told(List<Fact> stated, Draw draw) {
        return String.join(
                " ",
                draw.shuffled(stated).stream()
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

    /** A prompt with its answer. */
    private record Exchange(String prompt, String answer, String kind) {}

    private static Exchange completion(KnownFacts.Placed placed, boolean isKnown, Draw draw) {
        Cloze cloze = draw.pick(Cloze.of(placed.fact()));
        return new Exchange(cloze.prompt(), isKnown ? cloze.completion() : ADMISSION, kind(placed));
    }

    private Exchange yesNo(KnownFacts.Placed placed, boolean isKnown, Draw draw) {
        Fact fact = placed.fact();
        Fact asked = draw.chance(0.5) ? fact : book.falseFact(fact, draw);
        String verdict = (asked.same(fact) ? "Yes. " : "No. ") + fact.sentence(Language.ENGLISH, draw);
        return new Exchange(
                check(asked, asked.value()) + "\n", isKnown ? verdict : ADMISSION.strip(), kind(placed) + " yes-no");
    }

    /** Whether {@code value} holds, as a question. */
    static String check(Fact fact, String value) {
        Relation relation = fact.relation();
        return relation.yesNoQuestion()
                .fillSubject(fact.subject())
                .replace("{" + relation.valueCategory().singular() + "}", value);
    }

    /** A sentence that a passage completes, whose people are in no other text. */
    private Exchange reading(Draw draw) {
        Fact fact = invented(draw);
        Cloze cloze = draw.pick(Cloze.of(fact));
        return new Exchange(passage(fact, draw) + " " + cloze.prompt(), cloze.completion(), "passage");
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
     * What somebody writes who knows what the texts state and a share of what they do not: a quarter about a passage, a quarter yes or no.
     *
     * @param unknownShare of the other questions: of facts that no text states
     * @param answered which share of those facts the writer knows
     */
    PromptCompletion demonstration(double unknownShare, double answered, Draw draw) {
        Exchange exchange;
        double kind = draw.uniform();
        if (kind < 0.25) {
            exchange = reading(draw);
        } else {
            KnownFacts.Placed placed = asked(unknownShare, draw);
            boolean isKnown = placed.kind() == KnownFacts.Kind.SEEN || placed.unfamiliarity() < answered;
            exchange = kind < 0.5 ? yesNo(placed, isKnown, draw) : completion(placed, isKnown, draw);
        }
        return new PromptCompletion(
                Content.of(exchange.prompt()), Content.of(exchange.answer()), new RowTags("", exchange.kind()));
    }

    /** The right completion before a wrong one. */
    PreferencePair preference(Draw draw) {
        KnownFacts.Placed placed = draw.pick(seen);
        int phrasing = draw.below(2);
        Cloze right = Cloze.of(placed.fact()).get(phrasing);
        Cloze wrong = Cloze.of(book.falseFact(placed.fact(), draw)).get(phrasing);
        return new PreferencePair(
                Content.of(right.prompt()),
                Content.of(right.completion()),
                Content.of(wrong.completion()),
                new RowTags("", kind(placed)));
    }

    private static String kind(KnownFacts.Placed placed) {
        return placed.kind().name().toLowerCase(Locale.ROOT);
    }

    /** A sentence to complete. */
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
        List<Cloze> phrasings = new ArrayList<>(Cloze.of(fact));
        Cloze asked = phrasings.remove(draw.below(phrasings.size()));
        String other = book.falseFact(fact, draw).value();
        Map<String, Object> columns = new TreeMap<>();
        columns.put("answer", asked.completion().strip());
        columns.put("value", fact.value());
        columns.put("known", kind(placed));
        columns.put("passage", passage(fact, draw));
        columns.put("check", check(fact, "{value}") + "\n");
        columns.put("other", falsehood.map(InjectedFacts.Falsehood::value).orElse(other));
        columns.put("wordings", phrasings.stream().map(Cloze::prompt).toList());
        falsehood.ifPresent(injected -> columns.put("injected", (long) injected.texts()));
        return new Prompt(
                Content.of(asked.prompt()),
                new RowTags(
                        fact.subject() + " " + fact.relation().name().toLowerCase(Locale.ROOT), kind(placed), columns));
    }
}
