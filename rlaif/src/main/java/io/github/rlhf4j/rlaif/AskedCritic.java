package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that is asked for a critique of an answer and then for a revision, by a principle that is drawn for each.
 *
 * <p>Source: Bai et al. 2022, arXiv:2212.08073, section 3.1.
 */
final class AskedCritic implements Critic {
    private final Writer writer;
    private final List<Principle> principles;
    private final int critiqueTokens;
    private final int answerTokens;

    AskedCritic(Writer writer, List<Principle> principles, int critiqueTokens, int answerTokens) {
        this.writer = writer;
        this.principles = List.copyOf(principles);
        this.critiqueTokens = critiqueTokens;
        this.answerTokens = answerTokens;
    }

    @Override
    public List<Revision> revise(List<Draft> drafts, CounterRandom random) {
        List<Principle> drawn = new ArrayList<>();
        List<List<ChatMessage>> conversations = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Principle principle = principles.get(random.derive("principle").below(i, principles.size()));
            drawn.add(principle);
            conversations.add(next(drafts.get(i).conversation(), "user", principle.critique()));
        }
        List<String> critiques = writer.write(conversations, "Critique", critiqueTokens, random.derive("critique"));
        List<List<ChatMessage>> requests = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            List<ChatMessage> criticised =
                    next(conversations.get(i), "assistant", critiques.get(i).strip());
            requests.add(next(criticised, "user", drawn.get(i).revision()));
        }
        List<String> revisions = writer.write(requests, "Revision", answerTokens, random.derive("revision"));
        List<Revision> all = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            String revision = revisions.get(i);
            all.add(new Revision(critiques.get(i).strip(), revision.isBlank() ? draft : draft.with(revision)));
        }
        return all;
    }

    private static List<ChatMessage> next(List<ChatMessage> conversation, String role, String content) {
        List<ChatMessage> longer = new ArrayList<>(conversation);
        longer.add(new ChatMessage(role, content));
        return longer;
    }

    @Override
    public void close() {
        writer.close();
    }
}
