package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.ranking.AgreementReport;
import io.github.rlhf4j.ranking.Answer;
import io.github.rlhf4j.ranking.Estimate;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.ranking.Showing;
import io.github.rlhf4j.web.Json;
import java.util.Optional;

/** What the page Rank is told. Whoever ranks is told texts alone: not who wrote them, nor whether they come again. */
final class RankJson {
    private RankJson() {}

    /** What a person is shown: {@code {"done", "left", "showing": {"number", "prompt", "responses", "undone"} or null}}. */
    static ObjectNode next(RankingProject project, String person) {
        RankingProject.Progress progress = project.progress(person);
        ObjectNode node = Json.object().put("done", progress.done()).put("left", progress.left());
        Optional<Showing> showing = project.next(person);
        node.set("showing", showing.map(RankJson::showing).orElse(NullNode.getInstance()));
        return node;
    }

    private static JsonNode showing(Showing showing) {
        ObjectNode node = Json.object().put("number", showing.number());
        node.set("prompt", RecordJson.json(showing.item().prompt()));
        ArrayNode responses = node.putArray("responses");
        showing.placed().forEach(candidate -> responses.add(candidate.text()));
        showing.undone().ifPresent(answer -> node.set("undone", undone(showing, answer)));
        return node;
    }

    private static ObjectNode undone(Showing showing, Answer answer) {
        ObjectNode node = Json.object().put("text", answer.text());
        ArrayNode ranks = node.putArray("ranks");
        if (!answer.ranks().isEmpty()) {
            showing.order().forEach(index -> ranks.add(answer.ranks().get(index)));
        }
        return node;
    }

    static ObjectNode report(AgreementReport report) {
        ObjectNode node = Json.object().put("ranked", report.ranked()).put("shared", report.shared());
        node.set("alpha", estimate(report.alpha()));
        node.set("pairwise", estimate(report.pairwise()));
        node.set("pairwise_with_ties", estimate(report.pairwiseWithTies()));
        node.set("first_shown", estimate(report.firstShown()));
        node.set("longer", estimate(report.longer()));
        ArrayNode people = node.putArray("people");
        report.people().forEach(person -> {
            ObjectNode one = people.addObject()
                    .put("name", person.name())
                    .put("answered", person.answered())
                    .put("skipped", person.skipped())
                    .put("repeats", person.repeats())
                    .put("seconds_per_item", person.secondsPerItem());
            one.set("with_others", estimate(person.withOthers()));
            one.set("with_self", estimate(person.withSelf()));
            one.set("ties", estimate(person.ties()));
        });
        ArrayNode sources = node.putArray("sources");
        report.sources()
                .forEach(source -> sources.addObject()
                        .put("name", source.name())
                        .set("wins", estimate(Optional.of(source.wins()))));
        return node;
    }

    private static JsonNode estimate(Optional<Estimate> estimate) {
        if (estimate.isEmpty()) {
            return NullNode.getInstance();
        }
        ObjectNode node = Json.object()
                .put("value", estimate.get().value())
                .put("count", estimate.get().count());
        estimate.get().low().ifPresent(low -> node.put("low", low));
        estimate.get().high().ifPresent(high -> node.put("high", high));
        return node;
    }
}
