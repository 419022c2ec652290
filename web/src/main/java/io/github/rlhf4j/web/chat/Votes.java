package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.ranking.Candidate;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.web.Json;
import java.util.List;
import java.util.function.Supplier;

/** Votes on two answers, which become pairs in a project of rankings. */
final class Votes {
    private final Supplier<RankingProject> project;

    /** @param project where they go; opened with the first */
    Votes(Supplier<RankingProject> project) {
        this.project = project;
    }

    /**
     * Keeps a vote on a turn of a conversation.
     *
     * @param choice A, B or tie
     * @return {@code {"models": {"A": .., "B": ..}, "chosen": id of the better answer, or A's}}
     */
    ObjectNode take(ChatTree tree, String turn, String choice, String person) {
        List<ObjectNode> answers = tree.answers(turn);
        if (answers.size() != 2) {
            throw new UserError("there are no two answers to choose from");
        }
        if (!List.of("A", "B", "tie").contains(choice)) {
            throw new UserError("choice must be A, B or tie, but is " + choice);
        }
        boolean isPair = !answers.get(0).path("content").asText().isBlank()
                && !answers.get(1).path("content").asText().isBlank();
        tree.vote(turn, choice, person);
        if (isPair) {
            keep(tree, answers, choice, person);
        }
        ObjectNode models = Json.object();
        answers.forEach(answer -> models.set(answer.path("side").asText(), answer.path("model")));
        ObjectNode result = Json.object()
                .put(
                        "chosen",
                        answers.get(choice.equals("B") ? 1 : 0).path("id").asText())
                .put("kept", isPair);
        result.set("models", models);
        return result;
    }

    /** The pair, in the order in which the models were chosen; what was shown on the left is in its order. */
    private void keep(ChatTree tree, List<ObjectNode> answers, String choice, String person) {
        List<ChatMessage> asked =
                tree.conversation(answers.get(0).path("parent").asText());
        boolean isPlain = answers.get(0).path("plain").asBoolean()
                && answers.get(1).path("plain").asBoolean();
        Content prompt = isPlain ? Content.of(asked.get(asked.size() - 1).content()) : Content.of(asked);
        int first = answers.get(0).path("swapped").asBoolean() ? 1 : 0; // which side the model that was chosen first is
        List<Candidate> candidates = List.of(candidate(answers.get(first)), candidate(answers.get(1 - first)));
        List<Integer> order = List.of(first, 1 - first);
        List<Integer> placed = switch (choice) {
            case "A" -> List.of(1, 2);
            case "B" -> List.of(2, 1);
            default -> List.of(1, 1);
        };
        project.get().addRanked(prompt, candidates, RowTags.NONE, person, order, placed);
    }

    private static Candidate candidate(ObjectNode answer) {
        String adapter = answer.path("model").path("adapter").asText();
        String model = answer.path("model").path("model").asText();
        return new Candidate(
                answer.path("content").asText(), adapter.isEmpty() ? model : model + " + " + adapter, (ObjectNode)
                        answer.path("settings").deepCopy());
    }
}
