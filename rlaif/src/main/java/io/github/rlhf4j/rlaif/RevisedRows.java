package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.world.HiddenUtility;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Lets a critic revise answers and writes what later stages learn from: demonstrations. */
final class RevisedRows {
    private final Critic critic;
    private final int rounds;
    private final StageData data;
    private final Tally tally;
    private final Optional<HiddenUtility> truth;

    /**
     * @param rounds critiques and revisions of each answer
     * @param truth where prompts may be of the synthetic world
     */
    RevisedRows(Critic critic, int rounds, StageData data, Tally tally, Optional<HiddenUtility> truth) {
        this.critic = critic;
        this.rounds = rounds;
        this.data = data;
        this.tally = tally;
        this.truth = truth;
    }

    /**
     * Revises some.
     *
     * @param random of these drafts alone
     * @param samples is given each with its critiques
     */
    void revise(List<Draft> drafts, CounterRandom random, Consumer<Map<String, Object>> samples) {
        List<Draft> now = drafts;
        List<List<String>> critiques = new ArrayList<>();
        drafts.forEach(draft -> critiques.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            List<Critic.Revision> revisions = critic.revise(now, random.derive(round));
            now = revisions.stream().map(Critic.Revision::draft).toList();
            for (int i = 0; i < revisions.size(); i++) {
                critiques.get(i).add(revisions.get(i).critique());
            }
        }
        for (int i = 0; i < drafts.size(); i++) {
            observe(drafts.get(i), now.get(i));
            samples.accept(sample(drafts.get(i), critiques.get(i), now.get(i)));
            if (isRow(now.get(i))) {
                data.write(row(now.get(i)));
            }
        }
    }

    private void observe(Draft first, Draft last) {
        tally.add("rows", isRow(last));
        tally.add("revised", !last.response().equals(first.response()));
        String prompt = Texts.of(first.prompt());
        truth.filter(utility -> utility.understands(prompt)).ifPresent(utility -> {
            tally.add(
                    "hidden_utility", utility.utility(prompt, first.response()).total());
            tally.add(
                    "hidden_utility_revised",
                    utility.utility(prompt, last.response()).total());
        });
    }

    private static boolean isRow(Draft last) {
        return !last.response().isBlank();
    }

    private static Map<String, Object> sample(Draft first, List<String> critiques, Draft last) {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", Texts.of(first.prompt()));
        sample.put("response", first.response());
        sample.put("critiques", critiques);
        sample.put("revision", last.response());
        return sample;
    }

    private static Map<String, Object> row(Draft last) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("prompt", Texts.column(last.prompt()));
        row.put("completion", Texts.column(last.prompt(), last.response()));
        return row;
    }
}
