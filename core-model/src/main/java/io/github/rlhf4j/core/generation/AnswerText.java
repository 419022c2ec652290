package io.github.rlhf4j.core.generation;

import java.util.List;
import java.util.function.Consumer;

/** One answer as it comes, without the stop string that ends it: told piece by piece, and kept whole. */
public final class AnswerText implements TextListener {
    private final HeldText held;
    private final Consumer<String> listener;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param stops none of them empty
     * @param listener takes pieces that are not empty
     */
    public AnswerText(List<String> stops, Consumer<String> listener) {
        this.held = new HeldText(stops);
        this.listener = listener;
    }

    @Override
    public void onText(int prompt, int sample, String piece) {
        add(held.push(piece));
    }

    private void add(String piece) {
        if (!piece.isEmpty()) {
            text.append(piece);
            listener.accept(piece);
        }
    }

    /** The whole answer; the listener is told its rest before. */
    public String finish() {
        add(held.finish());
        return text.toString();
    }
}
