package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.filter.text.NGramIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Rows that share an n-gram of words with a row of an evaluation set. */
final class ContaminationRule implements RowRule {
    private static final int GPT_3 = 13;

    private final NGramIndex index;
    private final List<Source> sources; // in the order of the index

    /** @param first the index's number of its first row */
    private record Source(String name, int first) {}

    private ContaminationRule(NGramIndex index, List<Source> sources) {
        this.index = index;
        this.sources = sources;
    }

    /** Reads the evaluation sets. */
    static ContaminationRule read(EvalDatasets sets, OptionalInt n, Datasets datasets, StageContext context) {
        NGramIndex index = new NGramIndex(n.orElse(GPT_3));
        List<Source> sources = new ArrayList<>();
        sets.byName().forEach((name, spec) -> {
            sources.add(new Source(name.isEmpty() ? spec.path() : name, index.texts()));
            try (RecordSet<DataRecord> rows = datasets.open(spec, List.of(RecordKind.values()), context.dataSeed())) {
                rows.dropReport().lines(spec.path()).forEach(context::warn);
                rows.forEach(row -> index.add(TextPart.ALL.of(row)));
            }
        });
        context.note("decontaminate: %,d texts, %,d of them of fewer than %d words, which are not looked for"
                .formatted(index.texts(), index.tooShort(), NGramIndex.LEAST_WORDS));
        return new ContaminationRule(index, sources);
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        OptionalInt found = index.find(text);
        return found.isEmpty()
                ? Judgement.keep(text)
                : Judgement.remove(text, "decontaminate", named(found.getAsInt()));
    }

    @Override
    public RuleKind kind() {
        return RuleKind.CONTAMINATION;
    }

    @Override
    public void write(WireWriter out) {
        out.putList(sources, (to, source) -> to.putText(source.name()).putInt(source.first()));
        index.write(out);
    }

    static RowRule read(WireReader in) {
        List<Source> sources = in.getList(from -> new Source(from.getText(), from.getInt()));
        return new ContaminationRule(NGramIndex.read(in), sources);
    }

    private String named(int number) {
        Source source = sources.get(0);
        for (Source other : sources) {
            source = other.first() <= number ? other : source;
        }
        return source.name() + " row " + (number - source.first() + 1);
    }
}
