package io.github.rlhf4j.web.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.pipeline.attention.AttentionInspection;
import io.github.rlhf4j.ranking.RankingProject;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import io.github.rlhf4j.web.model.ModelChoice;
import io.github.rlhf4j.web.model.ModelList;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.model.Sampling;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The page Chat: a conversation with one model, or with two side by side. */
public final class ChatPage implements WebPage {
    private static final int TURNS_KEPT = 50;
    private static final long MOST_WAIT = 10_000; // milliseconds for an answer to end with its next token
    private static final List<String> SIDES = List.of("A", "B");

    private final Path root;
    private final ModelShelf shelf;
    private final Conversations conversations;
    private final Votes votes;
    private final Map<String, Turn> turns = new LinkedHashMap<>();
    private int begun; // turns, the forgotten ones too

    /**
     * The page.
     *
     * @param root where models are looked for, and the folder chats/ is
     * @param shelf loads models
     * @param votes the project that votes go to; opened with the first
     */
    public ChatPage(Path root, ModelShelf shelf, Supplier<RankingProject> votes, Clock clock) {
        this.root = root;
        this.shelf = shelf;
        this.conversations = new Conversations(root.resolve("chats"), clock);
        this.votes = new Votes(votes);
    }

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String title() {
        return "Chat";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("chat/models", request -> models());
        routes.post("chat/give-back", request -> giveBack());
        routes.get("chat/list", request -> conversations.list());
        routes.post("chat/new", request -> Json.object().put("id", conversations.begin()));
        routes.get("chat/tree", request -> tree(request));
        routes.post("chat/message", this::message);
        routes.post("chat/answer", this::answer);
        routes.events(
                "chat/events", (request, sink) -> turn(request.text("turn")).listen(sink));
        routes.post("chat/stop", request -> stop(request));
        routes.post("chat/vote", this::vote);
        routes.page("chat/attention", this::attention);
    }

    private JsonNode models() {
        ModelList found = ModelList.below(root);
        ObjectNode models = Json.object();
        models.set("models", ModelList.json(root, found.models()));
        models.set("adapters", ModelList.json(root, found.adapters()));
        models.set("loaded", shelf.json());
        return models;
    }

    private JsonNode giveBack() {
        shelf.giveBack();
        return shelf.json();
    }

    private JsonNode tree(WebRequest request) {
        ObjectNode tree = Json.object();
        tree.set("messages", conversations.get(request.text("id")).json());
        return tree;
    }

    /** A person's message, or an edited one: {id, parent, role, content}. */
    private JsonNode message(WebRequest request) {
        JsonNode body = request.body();
        String role = body.path("role").asText("user");
        if (!List.of("system", "user", "assistant").contains(role)) {
            throw new UserError("role must be system, user or assistant, but is " + role);
        }
        String content = body.path("content").asText();
        if (content.isBlank() && !role.equals("system")) {
            throw new UserError("a message must have a character that is not blank");
        }
        ObjectNode more = role.equals("assistant") ? Json.object().put("edited", true) : Json.object();
        return conversations.get(request.text("id")).add(body.path("parent").asText(), role, content, more);
    }

    /** Begins one or two answers: {id, parent, models, blind, settings}; gives {turn}. */
    private synchronized JsonNode answer(WebRequest request) {
        ChatTree tree = conversations.get(request.text("id"));
        String parent = request.text("parent");
        if (!tree.message(parent).path("role").asText().equals("user")) {
            throw new UserError("a model answers a user's message");
        }
        List<ModelChoice> models = ModelChoice.all(request.body().path("models"));
        if (models.size() > SIDES.size()) {
            throw new UserError("one model answers, or two side by side");
        }
        List<GenerationOptions> settings = settings(request.body().path("settings"), models.size());
        boolean isBlind = models.size() == 2 && request.body().path("blind").asBoolean();
        String id = request.text("id") + "-" + (tree.size() + 1) + "-" + begun++;
        Turn turn = new Turn(id, models.size());
        forgetOldTurns();
        turns.put(id, turn);
        // who is A is drawn by the conversation and the place in it
        boolean isSwapped = isBlind && CounterRandom.of(0).derive(id).uniform(0) < 0.5;
        for (int i = 0; i < models.size(); i++) {
            int index = i;
            String side = SIDES.get(isSwapped ? 1 - i : i);
            ObjectNode more = Json.object();
            if (models.size() == 2) {
                more.put("turn", id).put("side", side).put("swapped", isSwapped).put("blind", isBlind);
            }
            Thread thread = new Thread(
                    () -> write(tree, parent, models.get(index), settings.get(index), turn, side, more),
                    "chat-" + side);
            thread.setDaemon(true);
            thread.start();
        }
        return Json.object().put("turn", id);
    }

    /** One set of settings for all, or a list with one for each. */
    private static List<GenerationOptions> settings(JsonNode node, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Sampling.options(node.isArray() ? node.path(i) : node))
                .toList();
    }

    private void write(
            ChatTree tree,
            String parent,
            ModelChoice choice,
            GenerationOptions options,
            Turn turn,
            String side,
            ObjectNode more) {
        try {
            List<ChatMessage> asked = tree.conversation(parent);
            ObjectNode message = shelf.use(choice, model -> {
                AnswerWriter.Written written =
                        AnswerWriter.write(model, asked, options, turn::isStopped, piece -> turn.piece(side, piece));
                more.set("model", choice.json());
                more.set("settings", Sampling.json(options));
                more.put("finish", written.finish()).put("plain", !AnswerWriter.hasTemplate(model));
                more.set("tokens", written.tokens().json());
                return tree.add(parent, "assistant", written.text(), more);
            });
            turn.done(side, tree.shown(message));
        } catch (UserError e) {
            fail(tree, turn, side, String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(tree, turn, side, "the answer failed: " + e);
        }
    }

    /** Of two answers the other cannot be compared then, so who wrote it is no secret. */
    private static void fail(ChatTree tree, Turn turn, String side, String error) {
        tree.reveal(turn.id());
        turn.failed(side, error);
    }

    private void forgetOldTurns() {
        Iterator<Turn> all = turns.values().iterator();
        while (turns.size() >= TURNS_KEPT && all.hasNext()) {
            if (all.next().isEnded()) {
                all.remove();
            }
        }
    }

    private synchronized Turn turn(String id) {
        Turn turn = turns.get(id);
        if (turn == null) {
            throw new UserError("there is no answer " + id + " under way; load the conversation again");
        }
        return turn;
    }

    private JsonNode stop(WebRequest request) {
        turn(request.text("turn")).stop();
        return Json.object();
    }

    /** {id, turn, choice, person}. */
    private JsonNode vote(WebRequest request) {
        return votes.take(
                conversations.get(request.text("id")),
                request.text("turn"),
                request.text("choice"),
                request.text("person"));
    }

    /**
     * What the model attended to in an answer and all before it, as a page of its own.
     *
     * @throws UserError where the message is no model's answer
     */
    String attention(WebRequest request) {
        ChatTree tree = conversations.get(request.text("id"));
        ObjectNode message = tree.shown(tree.message(request.text("message")));
        if (!message.has("model") || !message.has("tokens")) {
            throw new UserError("attention is shown of a model's own answer, after a vote where it was blind");
        }
        List<ChatMessage> asked = tree.conversation(message.path("parent").asText());
        ModelChoice choice = ModelChoice.of(message.path("model"));
        List<Integer> layers = new ArrayList<>();
        request.all("layer").forEach(layer -> layers.add(Integer.parseInt(layer)));
        return shelf.use(choice, model -> {
            synchronized (model) {
                IntStream prompt = IntStream.of(AnswerWriter.prompt(model, asked));
                IntStream answer = IntStream.range(0, message.path("tokens").size())
                        .map(i -> message.path("tokens").get(i).path("id").asInt());
                return AttentionInspection.of(
                                choice.label(),
                                model.transformer(),
                                model.tokenizer(),
                                IntStream.concat(prompt, answer).toArray(),
                                layers)
                        .html();
            }
        });
    }

    /** Stops the answers that are being written. */
    @Override
    public void close() {
        List<Turn> all;
        synchronized (this) {
            all = List.copyOf(turns.values());
        }
        all.forEach(Turn::stop);
        try {
            for (Turn turn : all) {
                turn.awaitEnd(MOST_WAIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        conversations.close();
    }
}
