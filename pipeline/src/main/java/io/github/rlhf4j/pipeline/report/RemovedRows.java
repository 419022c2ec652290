package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** What a stage filter took out, by reason and group, and what that did to the mixture, as it leaves it in summary.json. */
final class RemovedRows {
    private static final int MOST_GROUPS = 5; // of a reason

    private RemovedRows() {}

    /** Two tables; empty where nothing is known. */
    static String html(JsonNode summary) {
        return reasons(summary.path("removed")) + groups(summary.path("groups"));
    }

    private static String reasons(JsonNode removed) {
        List<List<String>> rows = new ArrayList<>();
        removed.properties().forEach(reason -> {
            JsonNode of = reason.getValue();
            StringJoiner groups = new StringJoiner(", ");
            of.path("groups").properties().stream()
                    .limit(MOST_GROUPS)
                    .forEach(group ->
                            groups.add(group.getKey() + " " + group.getValue().asText()));
            rows.add(List.of(
                    Html.escape(reason.getKey()),
                    of.path("rows").asText(),
                    percent(of.path("share")),
                    Html.escape(groups.toString())));
        });
        return rows.isEmpty()
                ? ""
                : Html.table("numbers", List.of("removed by", "rows", "share", "most of them in"), rows);
    }

    private static String groups(JsonNode mixture) {
        List<List<String>> rows = new ArrayList<>();
        mixture.properties().forEach(group -> {
            JsonNode of = group.getValue();
            rows.add(List.of(
                    Html.escape(group.getKey()),
                    of.path("rows").asText(),
                    of.path("kept").asText(),
                    percent(of.path("share_before")),
                    percent(of.path("share_after"))));
        });
        return rows.isEmpty()
                ? ""
                : Html.details(
                        "The mixture before and after",
                        Html.table("numbers", List.of("group", "rows", "kept", "share before", "share after"), rows));
    }

    private static String percent(JsonNode share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share.asDouble());
    }
}
