package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.filter.text.BadWords;
import java.util.ArrayList;
import java.util.List;

/** All rules of a config that judge a row by itself, one after the other: what is cheap and most certain comes first. */
final class Rules {
    private final TextPart part;
    private final List<RowRule> rules;

    private Rules(TextPart part, List<RowRule> rules) {
        this.part = part;
        this.rules = List.copyOf(rules);
    }

    /** Reads and trains what they need. */
    static Rules open(FilterConfig config, Datasets datasets, StageContext context) {
        ContentConfig content = config.content();
        List<RowRule> rules = new ArrayList<>();
        if (!content.minColumns().isEmpty()) {
            rules.add(new ColumnRule(content.minColumns()));
        }
        content.robots().ifPresent(robots -> rules.add(RobotsRule.read(robots, datasets, context)));
        C4Config c4 = config.effectiveC4();
        if (c4.isOn()) {
            rules.add(new C4Rule(c4));
        }
        if (config.effectiveShape().isOn()) {
            rules.add(new TextShape(config.effectiveShape()));
        }
        if (!config.effectiveRepetition().equals(RepetitionConfig.NONE)) {
            rules.add(new RepetitionRule(config.effectiveRepetition()));
        }
        if (!content.badWords().isEmpty()) {
            rules.add(new BadWordsRule("bad_words", new BadWords(content.badWords())));
        }
        content.badWordsPath().ifPresent(path -> rules.add(BadWordsRule.read(path)));
        if (!content.languages().isEmpty()) {
            rules.add(new LanguageRule(
                    content.languages(), content.languageThreshold().orElse(0)));
        }
        content.decontaminate()
                .ifPresent(sets ->
                        rules.add(ContaminationRule.read(sets, content.decontaminateNGrams(), datasets, context)));
        content.quality().ifPresent(quality -> rules.add(QualityRule.train(quality, config.part(), datasets, context)));
        return new Rules(config.part(), rules);
    }

    /** What they say of a row. */
    Judgement judge(DataRecord row) {
        Judgement judgement = Judgement.keep(part.of(row));
        for (RowRule rule : rules) {
            judgement = rule.judge(row, judgement.text());
            if (!judgement.isKept()) {
                return judgement;
            }
        }
        return judgement;
    }

    /** The text of a row that they have let pass. */
    String text(DataRecord row) {
        String text = part.of(row);
        for (RowRule rule : rules) {
            text = rule.changesTexts() ? rule.judge(row, text).text() : text;
        }
        return text;
    }

    /** Writes them, with all that was read and trained for them. */
    void write(WireWriter out) {
        out.putText(part.name()).putList(rules, RuleKind::write);
    }

    /** Reads what {@link #write} wrote. */
    static Rules read(WireReader in) {
        return new Rules(TextPart.valueOf(in.getText()), in.getList(RuleKind::read));
    }

    /** The text that is looked at. */
    String given(DataRecord row) {
        return part.of(row);
    }
}
