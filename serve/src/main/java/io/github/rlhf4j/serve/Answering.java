package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.PromptLogProbs;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.EventSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a request's prompts to its answer, whole or in pieces; what the pieces look like is the endpoint's {@link Shape}. */
final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

    private final Served served;
    private final Request request;
    private final Shape shape;
    private final String id;
    private final long created = System.currentTimeMillis() / 1000;
    private final long begun = System.nanoTime();
    private final List<Choice> choices = new ArrayList<>();
    private final Set<Integer> stopIds = new HashSet<>();
    private long newTokens;
    private long cachedTokens;
    private int left;

    /**
     * What is asked for.
     *
     * @param prompts tokens of each
     * @param echo what each choice's text begins with, by prompt: the prompt's text, or nothing
     * @param reports beside the text
     * @param dropsNew whether only the prompt is wanted
     * @param tools how calls of tools are written in what is new
     */
    record Request(
            List<int[]> prompts,
            List<String> echo,
            Sampling sampling,
            Served.Reports reports,
            boolean dropsNew,
            ToolFormat tools,
            Streaming streaming) {
        long promptTokens() {
            return prompts.stream().mapToLong(ids -> ids.length).sum();
        }
    }

    /**
     * Whether an answer comes in pieces.
     *
     * @param usage whether they end with the number of tokens
     */
    record Streaming(boolean isWanted, boolean usage) {
        static Streaming of(Fields fields) {
            return new Streaming(
                    fields.flag("stream", false),
                    fields.object("stream_options")
                            .map(options -> options.flag("include_usage", false))
                            .orElse(false));
        }
    }

    /** How an endpoint writes. */
    interface Shape {
        /** What an answer's id begins with. */
        String idPrefix();

        /** The kind of object that an answer is, or a piece of one. */
        String object(boolean isPiece);

        /** A choice of a whole answer. */
        ObjectNode whole(Choice choice);

        /** The pieces that a choice begins with. */
        List<ObjectNode> first(Choice choice);

        /** A choice of a piece. */
        ObjectNode piece(Choice choice);
    }

    Answering(Served served, Request request, Shape shape) {
        this.served = served;
        this.request = request;
        this.shape = shape;
        this.id = shape.idPrefix() + served.started() + "-" + served.nextNumber();
        Sampling sampling = request.sampling();
        for (int prompt = 0; prompt < request.prompts().size(); prompt++) {
            for (int sample = 0; sample < sampling.samples(); sample++) {
                SampleText text = new SampleText(
                        served.prompts().decoderAfter(request.prompts().get(prompt)), sampling.stop());
                choices.add(new Choice(
                        choices.size(),
                        text,
                        new ToolText(request.tools()),
                        request.echo().get(prompt)));
            }
        }
        left = choices.size();
        for (int id : sampling.options(1, served.tokenizer().stopIds(), 0).stopIds()) {
            stopIds.add(id);
        }
    }

    /** The answer of a job that the batch has been given. */
    Answer answer(Job job, Call call) throws InterruptedException {
        if (request.streaming().isWanted()) {
            return Answer.events(events -> stream(job, events));
        }
        try {
            while (left > 0) {
                if (!take(job, call::isGone)) {
                    return Answer.none(); // to nobody
                }
            }
            ObjectNode answer = frame(false);
            ArrayNode all = answer.putArray("choices");
            choices.forEach(choice -> all.add(shape.whole(choice)));
            answer.set("usage", usage().json());
            return Answer.json(answer);
        } finally {
            leave(job);
        }
    }

    private void stream(Job job, EventSink events) throws IOException, InterruptedException {
        try {
            for (Choice choice : choices) {
                for (ObjectNode first : shape.first(choice)) {
                    send(events, first);
                }
            }
            while (left > 0) {
                if (!take(job, events::isGone)) {
                    return;
                }
                for (Choice choice : choices) {
                    if (choice.hasFresh()) {
                        send(events, shape.piece(choice));
                    }
                }
            }
            if (request.streaming().usage()) {
                ObjectNode last = frame(true);
                last.putArray("choices");
                last.set("usage", usage().json());
                events.json(last);
            }
            events.send("[DONE]");
        } catch (ApiError e) {
            events.json(ApiError.body(e));
        } finally {
            leave(job);
        }
    }

    private void send(EventSink events, ObjectNode choice) throws IOException {
        ObjectNode piece = frame(true);
        piece.putArray("choices").add(choice);
        if (request.streaming().usage()) {
            piece.putNull("usage");
        }
        events.json(piece);
    }

    /** An answer or a piece of one, without choices. */
    private ObjectNode frame(boolean isPiece) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", shape.object(isPiece))
                .put("created", created)
                .put("model", served.settings().name());
    }

    private Usage usage() {
        return new Usage(request.promptTokens(), newTokens, cachedTokens);
    }

    private void leave(Job job) {
        job.giveUp();
        served.leave();
        served.metrics().whole(System.nanoTime() - begun);
    }

    /** Takes in what has happened; whether somebody still waits. */
    private boolean take(Job job, BooleanSupplier isGone) throws InterruptedException {
        List<Job.Event> events = job.take(isGone);
        for (Job.Event event : events) {
            take(event);
        }
        return !events.isEmpty();
    }

    private void take(Job.Event event) {
        int samples = request.sampling().samples();
        if (event instanceof Job.Event.Read read) {
            List<Choice.Token> tokens = tokens(request.prompts().get(read.prompt()), read.logProbs());
            for (int sample = 0; sample < samples; sample++) {
                choices.get(read.prompt() * samples + sample).addPrompt(tokens);
            }
        } else if (event instanceof Job.Event.Computed computed) {
            cachedTokens += computed.cached();
            served.metrics().cached(computed.cached());
        } else if (event instanceof Job.Event.Token token) {
            if (newTokens == 0) {
                served.metrics().firstToken(System.nanoTime() - begun);
            }
            if (!request.dropsNew()) {
                newTokens++;
                served.metrics().tokens(1);
                Choice choice = choices.get(token.prompt() * samples + token.sample());
                choice.add(token.id(), hasNoText(token.id()), token.logProb(), token.top());
                if (beginsCall(token.id())) {
                    choice.beginCall();
                }
            }
        } else if (event instanceof Job.Event.End end) {
            choices.get(end.prompt() * samples + end.sample()).end(end.reason());
            left--;
        } else if (event instanceof Job.Event.Failure failure) {
            throw failed(failure.why());
        }
    }

    /** A special token, which is in no text. */
    private boolean beginsCall(int id) {
        String mark = request.tools().begin();
        return !mark.isEmpty()
                && id < served.tokenizer().vocabSize()
                && served.tokenizer().isSpecial(id)
                && served.tokenizer().token(id).equals(mark);
    }

    /** A token that ends a text, or a row of the model beyond the vocabulary. */
    private boolean hasNoText(int id) {
        return stopIds.contains(id) || id >= served.tokenizer().vocabSize();
    }

    private static ApiError failed(RuntimeException why) {
        if (why instanceof UserError) {
            return new ApiError(400, String.valueOf(why.getMessage()), "", "");
        }
        LOG.error("a request failed", why);
        return new ApiError(500, "internal error; the server's messages say more", "", "");
    }

    /** The prompt's tokens, with the places that they have in its text. */
    private List<Choice.Token> tokens(int[] ids, PromptLogProbs read) {
        List<Choice.Token> tokens = new ArrayList<>();
        var decoder = served.tokenizer().streamingDecoder();
        int offset = 0;
        for (int i = 0; i < ids.length; i++) {
            boolean isFirst = i == 0;
            tokens.add(new Choice.Token(
                    ids[i],
                    isFirst ? Double.NaN : read.logProbs()[i - 1],
                    isFirst || read.top().isEmpty() ? null : read.top().get(i - 1),
                    offset));
            String piece = decoder.push(ids[i]);
            offset += piece.codePointCount(0, piece.length());
        }
        return tokens;
    }
}
