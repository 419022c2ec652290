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

/** Rows whose address a crawler may not fetch. */
final class RobotsRule implements RowRule {
    private final RobotsFiles files;
    private final String agent;
    private final String column;

    private RobotsRule(RobotsFiles files, String agent, String column) {
        this.files = files;
        this.agent = agent;
        this.column = column;
    }

    /** Reads the files of hosts. */
    static RobotsRule read(RobotsConfig config, Datasets datasets, StageContext context) {
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

    @Override
    public Judgement judge(DataRecord row, String text) {
        Object url = row.tags().columns().get(column);
        return url instanceof String address && !files.allows(agent, address)
                ? Judgement.remove(text, "robots", agent + " may not fetch " + address)
                : Judgement.keep(text);
    }

    @Override
    public RuleKind kind() {
        return RuleKind.ROBOTS;
    }

    @Override
    public void write(WireWriter out) {
        out.putText(agent).putText(column);
        files.write(out);
    }

    static RowRule read(WireReader in) {
        String agent = in.getText();
        String column = in.getText();
        return new RobotsRule(RobotsFiles.read(in), agent, column);
    }
}
