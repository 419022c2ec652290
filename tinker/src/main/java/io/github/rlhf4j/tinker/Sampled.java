package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.LiveListener;
import io.github.rlhf4j.core.generation.PromptLogProbs;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.server.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What becomes of a call of sample: gathers its samples, then gives the SDK's message. */
final class Sampled {
    private static final float NOTHING = -99999f; // the SDK's word for an empty place

    private final SampleCall call;
    private final Consumer<Answer> receiver;
    private final List<Sequence> sequences = new ArrayList<>();
    private @Nullable PromptLogProbs prompt;
    private int left;
    private boolean ended;

    private static final class Sequence {
        private final List<Integer> tokens = new ArrayList<>();
        private final List<Double> logProbs = new ArrayList<>();
        private final List<TopTokens> top = new ArrayList<>();
        private boolean isWhole;
    }

    /** @param receiver is given the answer, once */
    Sampled(SampleCall call, Consumer<Answer> receiver) {
        this.call = call;
        this.receiver = receiver;
        this.left = call.samples();
        for (int i = 0; i < call.samples(); i++) {
            sequences.add(new Sequence());
        }
    }

    SampleCall call() {
        return call;
    }

    /** The client does not want it any more. */
    void cancel() {
        fail(new UserError("the request was cancelled"));
    }

    void fail(RuntimeException failure) {
        if (!ended) {
            ended = true;
            receiver.accept(Failure.result(failure));
        }
    }

    /** Of the samples from {@code first} on. */
    LiveListener listener(int first) {
        return new LiveListener() {
            @Override
            public void onPrompt(PromptLogProbs read) {
                prompt = read;
            }

            @Override
            public void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens top) {
                Sequence sequence = sequences.get(first + sample);
                sequence.tokens.add(id);
                sequence.logProbs.add(logProb);
                if (top != null) {
                    sequence.top.add(top);
                }
            }

            @Override
            public void onFinished(int sample, FinishReason reason) {
                sequences.get(first + sample).isWhole = reason != FinishReason.LENGTH;
                left--;
                if (left == 0 && !ended) {
                    ended = true;
                    receiver.accept(Answer.bytes(200, "application/x-protobuf", message()));
                }
            }

            @Override
            public void onFailed(RuntimeException failure) {
                fail(failure);
            }

            @Override
            public boolean isUnwanted() {
                return ended;
            }
        };
    }

    private byte[] message() {
        Wire message = new Wire();
        for (Sequence sequence : sequences) {
            message.message(1, sequence(sequence));
        }
        PromptLogProbs read = prompt;
        if (read != null) {
            message.bytes(2, Wire.floats(promptLogProbs(read)));
            if (call.reports().topOfPrompt() > 0) {
                message.message(3, top(promptTop(read), call.reports().topOfPrompt()));
            }
        }
        return message.toBytes();
    }

    private Wire sequence(Sequence sequence) {
        int[] tokens = sequence.tokens.stream().mapToInt(Integer::intValue).toArray();
        float[] logProbs = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            logProbs[i] = sequence.logProbs.get(i).floatValue();
        }
        Wire message = new Wire()
                .varint(1, sequence.isWhole ? 0 : 1)
                .bytes(2, Wire.ints(tokens))
                .bytes(3, Wire.floats(logProbs));
        if (call.reports().topOfSamples() > 0) {
            message.message(4, top(sequence.top, call.reports().topOfSamples()));
        }
        return message;
    }

    /** Of each token; NaN, the SDK's None, of the first and of those that are not asked for. */
    private float[] promptLogProbs(PromptLogProbs read) {
        float[] all = new float[read.logProbs().length + 1];
        Arrays.fill(all, Float.NaN);
        for (int i = firstAsked(all.length); i < all.length; i++) {
            all[i] = (float) read.logProbs()[i - 1];
        }
        return all;
    }

    private List<TopTokens> promptTop(PromptLogProbs read) {
        TopTokens none = new TopTokens(new int[0], new float[0]);
        List<TopTokens> all = new ArrayList<>();
        int length = read.logProbs().length + 1;
        for (int i = 0; i < length; i++) {
            all.add(i < firstAsked(length) ? none : read.top().get(i - 1));
        }
        return all;
    }

    private int firstAsked(int length) {
        return Math.max(1, length - call.reports().lastOfPrompt());
    }

    private static Wire top(List<TopTokens> places, int most) {
        int[] ids = new int[places.size() * most];
        float[] logProbs = new float[places.size() * most];
        Arrays.fill(logProbs, NOTHING);
        for (int i = 0; i < places.size(); i++) {
            TopTokens top = places.get(i);
            for (int j = 0; j < Math.min(most, top.ids().length); j++) {
                ids[i * most + j] = top.ids()[j];
                logProbs[i * most + j] = top.logProbs()[j];
            }
        }
        return new Wire()
                .bytes(1, Wire.ints(ids))
                .bytes(2, Wire.floats(logProbs))
                .varint(3, most)
                .varint(4, places.size());
    }
}
