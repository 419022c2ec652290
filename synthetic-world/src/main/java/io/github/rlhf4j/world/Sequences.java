package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Protein-like sequences of a hidden grammar: {@code synthetic:sequences} as texts, {@code synthetic:folds} as prompts with the name of the fold. A sequence is on one side, training or held out, by a hash of its text. {@code sequences/texts=0.2} has a fifth of the world's texts among them. */
final class Sequences implements SyntheticPart {
    private static final String NAME = "sequences";
    private static final String FOLDS = "folds";
    static final String PARTS = "sequences, sequences_eval, folds and folds_eval";
    private static final int ROWS = 20_000;
    private static final int HELD_OUT = 1_000;
    private static final int BUCKETS = 10; // of which one is held out

    private final SyntheticName name;
    private final LongFunction<World> worlds;

    private Sequences(SyntheticName name, LongFunction<World> worlds) {
        this.name = name;
        this.worlds = worlds;
    }

    static boolean isPart(String location) {
        return location.startsWith(NAME) || location.startsWith(FOLDS);
    }

    /**
     * The part called so.
     *
     * @param worlds by seed, for the texts that may be among the sequences
     * @throws UserError where there is none, or an option of it is wrong
     */
    static Sequences named(String location, LongFunction<World> worlds) {
        SyntheticName name = SyntheticName.read(location);
        switch (name.part()) {
            case NAME -> name.requireOptions("texts");
            case NAME + "_eval", FOLDS, FOLDS + "_eval" -> name.requireOptions();
            default -> throw name.wrong("is unknown: the parts with sequences are " + PARTS);
        }
        name.requireNoLanguage();
        name.number("texts", 0, 0, 1);
        return new Sequences(name, worlds);
    }

    private boolean labelled() {
        return name.part().startsWith(FOLDS);
    }

    @Override
    public RecordKind kind() {
        return labelled() ? RecordKind.PROMPT_COMPLETION : RecordKind.TEXT;
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        boolean heldOut = name.part().endsWith("_eval");
        double texts = name.number("texts", 0, 0, 1);
        CounterRandom random = CounterRandom.of(seed).derive(NAME).derive(heldOut ? "held out" : "training");
        FoldGrammar grammar =
                new FoldGrammar(CounterRandom.of(seed).derive(NAME).derive("grammar"));
        return LongStream.range(0, heldOut ? HELD_OUT : ROWS)
                .mapToObj(i -> random.derive("text").uniform(i) < texts
                        ? worlds.apply(seed).get(Part.PRETRAIN, i)
                        : row(grammar, random.derive(i), i, heldOut));
    }

    private DataRecord row(FoldGrammar grammar, CounterRandom random, long i, boolean heldOut) {
        int fold = (int) (i % grammar.folds());
        String sequence;
        long attempt = 0;
        do {
            sequence = grammar.sequence(fold, new Draw(random.derive(attempt++)));
        } while (isHeldOut(sequence) != heldOut);
        String label = grammar.name(fold);
        RowTags tags = new RowTags(NAME + "-" + i, label, labelled() ? Map.of("answer", label) : Map.of());
        return labelled()
                ? new PromptCompletion(Content.of(sequence + " >"), Content.of(" " + label), tags)
                : new TextRecord(sequence, tags);
    }

    private static boolean isHeldOut(String sequence) {
        return Math.floorMod(CounterRandom.of(0).derive(sequence).bits(0), BUCKETS) == 0;
    }
}
