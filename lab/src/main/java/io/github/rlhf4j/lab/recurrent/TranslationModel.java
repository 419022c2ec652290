package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.lab.Settings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The models that the page seq2seq compares, by name: {@code LSTM}, {@code LSTM with attention} and {@code transformer} have about as many weights as the page's setting {@code parameters}; {@code LSTM 64} has states of 64 numbers.
 *
 * @param name as the page's grid has it
 */
record TranslationModel(String name) {
    private static final Pattern OF_WIDTH = Pattern.compile("LSTM (\\d+)");
    private static final int LAYERS = 3;
    private static final int HEADS = 4;

    boolean isTransformer() {
        return name.equals("transformer");
    }

    /** Whether the width of its state was chosen, and not the number of its weights. */
    boolean isOfWidth() {
        return OF_WIDTH.matcher(name).matches();
    }

    Translator create(Settings settings, int vocabulary, Kernels kernels, CounterRandom random) {
        if (isTransformer()) {
            return new TransformerTranslator(
                    TransformerTranslator.near(
                            settings.count("parameters"), vocabulary, LAYERS, HEADS, settings.count("context")),
                    settings.number("transformer_learning_rate"),
                    settings.count("warmup_steps"),
                    kernels,
                    random);
        }
        return new RecurrentTranslator(
                shape(settings.count("parameters"), vocabulary),
                settings.number("lstm_learning_rate"),
                settings.count("warmup_steps"),
                random);
    }

    private RecurrentShape shape(int parameters, int vocabulary) {
        Matcher ofWidth = OF_WIDTH.matcher(name);
        if (ofWidth.matches()) {
            int width = Integer.parseInt(ofWidth.group(1));
            return new RecurrentShape(vocabulary, width, width, false);
        }
        return switch (name) {
            case "LSTM" -> RecurrentShape.near(parameters, vocabulary, false);
            case "LSTM with attention" -> RecurrentShape.near(parameters, vocabulary, true);
            default ->
                throw new UserError(
                        "page.yaml: a model must be LSTM, LSTM with attention, LSTM WIDTH or transformer, but is "
                                + name);
        };
    }
}
