package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.function.Function;

/** The rules by name, so that they can travel to workers. */
enum RuleKind {
    COLUMN(ColumnRule::read),
    ROBOTS(RobotsRule::read),
    C4(C4Rule::read),
    SHAPE(TextShape::read),
    REPETITION(RepetitionRule::read),
    BAD_WORDS(BadWordsRule::read),
    LANGUAGE(LanguageRule::read),
    CONTAMINATION(ContaminationRule::read),
    QUALITY(QualityRule::read);

    private final Function<WireReader, RowRule> reader;

    RuleKind(Function<WireReader, RowRule> reader) {
        this.reader = reader;
    }

    static void write(WireWriter out, RowRule rule) {
        out.putText(rule.kind().name());
        rule.write(out);
    }

    static RowRule read(WireReader in) {
        return valueOf(in.getText()).reader.apply(in);
    }
}
