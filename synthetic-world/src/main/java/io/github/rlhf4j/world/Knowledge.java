package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Facts of which it is known whether the texts state them: {@code synthetic:knowledge} are texts, {@code knowledge_demonstrations} questions answered by people, {@code knowledge_preferences} right answers before wrong ones, {@code knowledge_prompts} questions for methods that sample, {@code knowledge_eval} held-out
 * questions. Options: {@code people}, the world's most frequent ones, half of them strangers to the texts; {@code rows}; {@code unknown}, the share of questions about facts that no text states; {@code answered}, the share of those facts that the people who demonstrate know: of the others they say that they do not; {@code injected}, in how many texts a falsehood is stated at most ({@link InjectedFacts}).
 */
final class Knowledge implements SyntheticPart {
    static final String PARTS =
            "knowledge, knowledge_demonstrations, knowledge_preferences, knowledge_prompts and knowledge_eval";
    private static final String NAME = "knowledge";
    private static final String DEMONSTRATIONS = NAME + "_demonstrations";
    private static final String PREFERENCES = NAME + "_preferences";
    private static final String PROMPTS = NAME + "_prompts";
    private static final int PEOPLE = 300;
    private static final int LEAST_PEOPLE = 40; // with fewer a side has no question of some kind
    private static final int TEXTS = 12_000;
    private static final int QUESTIONS = 4_000;
    private static final int MOST = 1_000_000;

    private final SyntheticName name;
    private final RecordKind kind;
    private final WorldSize size;

    private Knowledge(SyntheticName name, RecordKind kind, WorldSize size) {
        this.name = name;
        this.kind = kind;
        this.size = size;
    }

    static boolean isPart(String location) {
        return location.startsWith(NAME);
    }

    /**
     * The part called so.
     *
     * @throws UserError where there is none, or an option of it is wrong
     */
    static Knowledge named(String location, WorldSize size) {
        SyntheticName name = SyntheticName.read(location);
        RecordKind kind = switch (name.part()) {
            case NAME -> RecordKind.TEXT;
            case DEMONSTRATIONS -> RecordKind.PROMPT_COMPLETION;
            case PREFERENCES -> RecordKind.PREFERENCE;
            case PROMPTS, NAME + "_eval" -> RecordKind.PROMPT;
            default -> throw name.wrong("is unknown: the parts of knowledge are " + PARTS);
        };
        name.requireNoLanguage();
        switch (name.part()) {
            case NAME -> name.requireOptions("people", "rows", "injected");
            case PREFERENCES -> name.requireOptions("people", "rows");
            case DEMONSTRATIONS -> name.requireOptions("people", "rows", "unknown", "answered");
            case PROMPTS -> name.requireOptions("people", "rows", "unknown");
            default -> name.requireOptions("people", "injected");
        }
        Knowledge part = new Knowledge(name, kind, size);
        part.people();
        part.rows();
        part.unknown();
        part.answered();
        part.injected();
        return part;
    }

    private int people() {
        int most = Math.min(PEOPLE, size.people());
        return (int) name.number("people", most, Math.min(LEAST_PEOPLE, most), most);
    }

    private long rows() {
        return (long) name.number("rows", kind == RecordKind.TEXT ? TEXTS : QUESTIONS, 1, MOST);
    }

    private double unknown() {
        return name.number("unknown", 0.5, 0, 1);
    }

    private double answered() {
        return name.number("answered", 1, 0, 1);
    }

    private int injected() {
        return (int) name.number("injected", -1, 0, 1_000);
    }

    @Override
    public RecordKind kind() {
        return kind;
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        FactBook book = new FactBook(seed, size.people(), size.places());
        CounterRandom random = CounterRandom.of(seed).derive(NAME);
        KnownFacts facts = new KnownFacts(book, people(), random.derive("stated"));
        CounterRandom own = random.derive(name.part());
        KnowledgeWriter writer = new KnowledgeWriter(book, facts, side());
        InjectedFacts injected = new InjectedFacts(book, facts, injected(), random.derive("injected"));
        return switch (name.part()) {
            case NAME -> texts(own, writer, injected.texts());
            case PREFERENCES -> rows(own, writer::preference);
            case DEMONSTRATIONS -> rows(own, draw -> writer.demonstration(unknown(), answered(), draw));
            case PROMPTS -> rows(own, draw -> writer.prompt(unknown(), draw));
            default -> writer.all(injected, own).stream().map(DataRecord.class::cast);
        };
    }

    /** The texts answer no question but those that are demonstrated. */
    private KnownFacts.Side side() {
        return switch (name.part()) {
            case NAME, DEMONSTRATIONS, PREFERENCES -> KnownFacts.Side.DEMONSTRATIONS;
            case PROMPTS -> KnownFacts.Side.PROMPTS;
            default -> KnownFacts.Side.EVAL;
        };
    }

    /** The first of them with falsehoods. */
    private Stream<DataRecord> texts(
            CounterRandom own, KnowledgeWriter writer, List<InjectedFacts.Falsehood> falsehoods) {
        return LongStream.range(0, rows()).mapToObj(i -> {
            Draw draw = new Draw(own.derive(i));
            return new TextRecord(
                    i < falsehoods.size() ? writer.falseText(falsehoods.get((int) i), draw) : writer.text(draw));
        });
    }

    private interface Row {
        DataRecord of(Draw draw);
    }

    private Stream<DataRecord> rows(CounterRandom own, Row row) {
        return LongStream.range(0, rows()).mapToObj(i -> row.of(new Draw(own.derive(i))));
    }
}
