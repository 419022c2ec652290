package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.filter.robots.RobotsFiles;
import io.github.rlhf4j.filter.text.BadWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All rules of a config that judge a row by itself, one after the other: what is cheap and most certain comes first. */
final class Rules {
    private final TextPart part;
    private final List<RowRule> rules;
    private final Optional<RowRule> lines; // the one of them that changes texts

    private Rules(TextPart part, List<RowRule> rules, Optional<RowRule> lines) {
        this.part = part;
        this.rules = rules;
        this.lines = lines;
    }

    /** Reads and trains what they need. */
    static Rules open(FilterConfig config, Datasets datasets, StageContext context) {
        ContentConfig content = config.content();
        List<RowRule> rules = new ArrayList<>();
        if (!content.minColumns().isEmpty()) {
            rules.add(new ColumnRule(content.minColumns()));
        }
        content.robots().ifPresent(robots -> rules.add(robots(robots, datasets, context)));
        C4Config c4 = config.effectiveC4();
        Optional<RowRule> lines = c4.isOn() ? Optional.of(new C4Rule(c4)) : Optional.empty();
        lines.ifPresent(rules::add);
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
        return new Rules(config.part(), rules, lines);
    }

    private static RowRule robots(RobotsConfig config, Datasets datasets, StageContext context) {
        RobotsFiles files = config.files().isOfSource()
                ? ofSource(config, datasets, context)
                : RobotsFiles.read(DataFiles.of(config.files().paths()).list());
        context.note("robots: robots.txt of %,d hosts".formatted(files.size()));
        return new RobotsRule(files, config.agent(), config.column());
    }

    /** Rows that are no files', such as {@code synthetic:crawl_robots}: the text is a robots.txt, the column host says whose. */
    private static RobotsFiles ofSource(RobotsConfig config, Datasets datasets, StageContext context) {
        RobotsFiles files = new RobotsFiles();
        try (RecordSet<TextRecord> rows =
                datasets.open(config.files().keeping(KeptColumns.ALL), TextRecord.class, context.dataSeed())) {
            for (TextRecord row : rows) {
                Object host = row.tags().columns().get("host");
                if (host == null) {
                    throw new UserError(
                            "robots.files: the rows of " + config.files().path() + " must have a column host");
                }
                files.put(String.valueOf(host), row.text());
            }
        }
        return files;
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
        return lines.map(rule -> rule.judge(row, text).text()).orElse(text);
    }

    /** Writes them, with all that was read and trained for them. */
    void write(WireWriter out) {
        out.putText(part.name()).putList(rules, RuleKind::write);
    }

    /** Reads what {@link #write} wrote. */
    static Rules read(WireReader in) {
        TextPart part = TextPart.valueOf(in.getText());
        List<RowRule> rules = in.getList(RuleKind::read);
        return new Rules(
                part, rules, rules.stream().filter(C4Rule.class::isInstance).findFirst());
    }

    /** The text that is looked at. */
    String given(DataRecord row) {
        return part.of(row);
    }
}
