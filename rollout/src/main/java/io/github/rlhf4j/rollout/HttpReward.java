package io.github.rlhf4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.http.BadAnswer;
import io.github.rlhf4j.http.Endpoint;
import io.github.rlhf4j.http.HttpSettings;
import io.github.rlhf4j.http.JsonClient;
import io.github.rlhf4j.http.KeptAnswers;
import io.github.rlhf4j.http.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Scores of a server. It gets responses in batches, as TRL calls reward functions, and answers with a score each, or null for one that it says nothing of:
 *
 * <pre>
 *   {"prompts": ["1+1=", "2+2="], "completions": ["2", "5"], "answer": ["2", "4"]}      every column of the rows
 *   {"scores": [1, 0]}                                                                  or the list alone
 * </pre>
 *
 * <p>A response is asked for once: its score lies in the stage's folder, by prompt, response and columns, and so does that it has failed where failures are passed over.
 */
final class HttpReward implements Reward {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String FAILED_KEY = "failed";
    private static final String PROMPTS = "prompts";
    private static final String COMPLETIONS = "completions";

    private final String name;
    private final JsonClient client;
    private final int batchSize;
    private final RewardGuard guard;
    private final KeptAnswers kept;

    HttpReward(RewardEntry entry, RewardGuard guard, KeptAnswers kept) {
        this(entry, guard, kept, settings(entry));
    }

    HttpReward(RewardEntry entry, RewardGuard guard, KeptAnswers kept, HttpSettings settings) {
        name = "reward " + entry.shownName();
        client = new JsonClient(Endpoint.of("http", entry.http().orElseThrow()), settings);
        batchSize = entry.requestSize();
        this.guard = guard;
        this.kept = kept;
    }

    private static HttpSettings settings(RewardEntry entry) {
        HttpSettings settings = HttpSettings.DEFAULT.withParallel(entry.requestsAtOnce());
        return entry.timeout().isEmpty()
                ? settings
                : settings.withTimeout(Duration.ofMillis(
                        (long) Math.ceil(1000 * entry.timeout().getAsDouble())));
    }

    @Override
    public double[] score(List<Rollout> rollouts) {
        List<String> keys = new ArrayList<>();
        Map<String, RewardFunction.Answer> unknown = new LinkedHashMap<>();
        for (Rollout rollout : rollouts) {
            String key = KeptAnswers.key(client.endpoint().url().toString(), RewardGuard.key(rollout.answer()));
            keys.add(key);
            if (!isKnown(key)) {
                unknown.putIfAbsent(key, rollout.answer());
            }
        }
        ask(unknown, keys);
        kept.settle(keys);
        double[] scores = keys.stream().mapToDouble(this::known).toArray();
        guard.report(name, scores);
        return scores;
    }

    /** A failure is no answer where failures stop the run: it is asked again. */
    private boolean isKnown(String key) {
        return kept.get(key)
                .filter(answer -> guard.passesOver() || !answer.has(FAILED_KEY))
                .isPresent();
    }

    private double known(String key) {
        JsonNode answer = kept.get(key).orElseThrow();
        return answer.has(FAILED_KEY) ? FAILED : answer.isNull() ? NONE : answer.asDouble();
    }

    /** @param all the keys of all responses, in their order */
    private void ask(Map<String, RewardFunction.Answer> unknown, List<String> all) {
        List<String> keys = List.copyOf(unknown.keySet());
        List<List<String>> batches = new ArrayList<>();
        for (int from = 0; from < keys.size(); from += batchSize) {
            batches.add(keys.subList(from, Math.min(from + batchSize, keys.size())));
        }
        List<ObjectNode> bodies = batches.stream()
                .map(batch -> body(batch.stream().map(unknown::get).toList()))
                .toList();
        List<Reply<List<JsonNode>>> replies = client.ask(
                bodies, (index, answer) -> scores(answer, batches.get(index).size()), (index, scores) -> {
                    for (int i = 0; i < scores.size(); i++) {
                        kept.arrived(batches.get(index).get(i), scores.get(i));
                    }
                });
        for (int i = 0; i < batches.size(); i++) {
            String failure = replies.get(i).failure();
            if (replies.get(i).answer().isEmpty()) {
                if (!guard.passesOver()) {
                    List<String> asked = batches.get(i);
                    throw RewardFailure.together(
                            name + ": " + failure,
                            "",
                            IntStream.range(0, all.size())
                                    .filter(place -> asked.contains(all.get(place)))
                                    .boxed()
                                    .toList(),
                            null);
                }
                batches.get(i)
                        .forEach(key -> kept.arrived(key, NODES.objectNode().put(FAILED_KEY, failure)));
            }
        }
    }

    /** A batch as it is posted. A column called prompts or completions would hide these, and is left out. */
    private static ObjectNode body(Collection<RewardFunction.Answer> answers) {
        ObjectNode body = NODES.objectNode();
        ArrayNode prompts = body.putArray(PROMPTS);
        ArrayNode completions = body.putArray(COMPLETIONS);
        TreeSet<String> columns = new TreeSet<>();
        List<JsonNode> rows = new ArrayList<>();
        for (RewardFunction.Answer answer : answers) {
            prompts.add(answer.prompt());
            completions.add(answer.response());
            columns.addAll(answer.columns().keySet());
            rows.add(RewardGuard.columns(answer));
        }
        columns.remove(PROMPTS);
        columns.remove(COMPLETIONS);
        for (String column : columns) {
            ArrayNode values = body.putArray(column);
            rows.forEach(row -> values.add(row.get(column))); // null where the row has none
        }
        return body;
    }

    /** The scores of an answer. */
    private static List<JsonNode> scores(JsonNode body, int expected) {
        JsonNode list = body.isArray() ? body : body.path("scores");
        if (!list.isArray()) {
            throw new BadAnswer("must answer {\"scores\": [...]}, but answered");
        }
        if (list.size() != expected) {
            throw new BadAnswer(
                    "must answer " + expected + " scores, one for each completion, but answered " + list.size());
        }
        List<JsonNode> scores = new ArrayList<>();
        for (JsonNode score : list) {
            if (!score.isNull() && !(score.isNumber() && Double.isFinite(score.asDouble()))) {
                throw new BadAnswer("must answer finite numbers or null, but one is " + score);
            }
            scores.add(score);
        }
        return scores;
    }
}
