package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Reads a ranking: {@code responses} with {@code ranks} [2, 1, 3], or columns {@code A}, {@code B}, ... with {@code ranks} as a list in their order, as a map {"A":
 * 2, "B": 1} or as a text "B > A = C". Rank 1 is the best; equal ranks are ties.
 */
final class RankingParser {
    private final RowParser rows;
    private final Row row;

    RankingParser(RowParser rows, Row row) {
        this.rows = rows;
        this.row = row;
    }

    Ranking parse() throws DroppedRow {
        Map<String, Content> responses = responses();
        Map<String, Integer> ranks = ranks(List.copyOf(responses.keySet()), rows.value(row, "ranks"));
        for (Content response : responses.values()) {
            RowParser.notBlank(response, "a response of the ranking");
        }
        List<Content> contents = List.copyOf(responses.values());
        List<Integer> ranksInOrder = new ArrayList<>();
        responses.keySet().forEach(name -> ranksInOrder.add(ranks.getOrDefault(name, 0)));
        if (ranksInOrder.stream().distinct().count() == 1) {
            throw new DroppedRow("all ranks are equal");
        }
        Content prompt = rows.like(row, contents.get(0), rows.content(row, "prompt"));
        OptionalDouble margin = rows.margin(row);
        if (margin.isPresent() && contents.size() > 2) {
            throw RowParser.wrong(
                    row, "\"margin\" is of two responses, but here are " + contents.size() + "; leave the column out");
        }
        return new Ranking(prompt, contents, ranksInOrder, margin, rows.tags(row));
    }

    private Map<String, Content> responses() {
        Map<String, Content> responses = new LinkedHashMap<>();
        if (row.columns().has("A") && row.columns().has("B")) {
            for (char letter = 'A'; letter <= 'Z' && row.columns().has(String.valueOf(letter)); letter++) {
                String name = String.valueOf(letter);
                responses.put(name, rows.content(row, name, row.columns().get(name)));
            }
            return responses;
        }
        JsonNode list = rows.value(row, "responses");
        if (!list.isArray() || list.size() < 2) {
            throw RowParser.wrong(row, "\"responses\" must be a list of at least 2 responses");
        }
        for (int i = 0; i < list.size(); i++) {
            responses.put(String.valueOf((char) ('A' + i)), rows.content(row, "responses", list.get(i)));
        }
        return responses;
    }

    private Map<String, Integer> ranks(List<String> names, JsonNode value) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        if (value.isTextual()) {
            int rank = 1;
            for (String tier : value.textValue().split(">", -1)) {
                for (String name : tier.split("=", -1)) {
                    ranks.put(name.strip(), rank);
                }
                rank++;
            }
        } else if (value.isArray() && value.size() == names.size()) {
            for (int i = 0; i < names.size(); i++) {
                ranks.put(names.get(i), rank(value.get(i)));
            }
        } else if (value.isObject()) {
            value.properties().forEach(entry -> ranks.put(entry.getKey(), rank(entry.getValue())));
        }
        if (!ranks.keySet().containsAll(names) || ranks.size() != names.size()) {
            throw RowParser.wrong(
                    row,
                    "\"ranks\" must give each of the %d responses its rank, as [2, 1, 3], {\"A\": 2, \"B\": 1} or \"B > A = C\", but is %s"
                            .formatted(names.size(), value));
        }
        return ranks;
    }

    private int rank(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw RowParser.wrong(row, "\"ranks\" must be whole numbers >= 1 (1 is the best), but one is " + value);
        }
        return value.intValue();
    }
}
