package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.robots.RobotsFiles;

/** Rows whose address a crawler may not fetch. */
final class RobotsRule implements RowRule {
    private final RobotsFiles files;
    private final String agent;
    private final String column;

    RobotsRule(RobotsFiles files, String agent, String column) {
        this.files = files;
        this.agent = agent;
        this.column = column;
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
