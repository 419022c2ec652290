package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.lab.Settings;

/** Makes the models of the page ulmfit: all of one kind and size. */
abstract class TextModels {
    private static final int LAYERS = 2;
    private static final int HEADS = 4;
    private static final int CONTEXT = 64;
    private static final int WARMUP = 20; // steps

    private final Settings settings;

    private TextModels(Settings settings) {
        this.settings = settings;
    }

    /** @throws UserError where there is no such kind */
    static TextModels named(String name, Settings settings, int vocabulary, Kernels kernels) {
        int parameters = settings.count("parameters");
        return switch (name) {
            case "transformer" ->
                new Transformers(
                        settings, TransformerTranslator.near(parameters, vocabulary, LAYERS, HEADS, CONTEXT), kernels);
            case "LSTM" -> new Lstms(settings, vocabulary, RecurrentTextModel.widthNear(parameters, vocabulary));
            default -> throw new UserError("page.yaml: a model must be transformer or LSTM, but is " + name);
        };
    }

    /**
     * A fresh model.
     *
     * @param name what its weights are drawn by, with the seed
     * @param learningRate the setting that has its learning rate
     */
    TextModel create(String name, String learningRate, long seed) {
        return create(settings.number(learningRate), CounterRandom.of(seed).derive(name));
    }

    abstract TextModel create(double learningRate, CounterRandom random);

    /** Gives a model another's weights. */
    abstract void copy(TextModel from, TextModel to);

    private static final class Transformers extends TextModels {
        private final ModelConfig config;
        private final Kernels kernels;

        Transformers(Settings settings, ModelConfig config, Kernels kernels) {
            super(settings);
            this.config = config;
            this.kernels = kernels;
        }

        @Override
        TextModel create(double learningRate, CounterRandom random) {
            return new TransformerTextModel(config, learningRate, WARMUP, kernels, random);
        }

        @Override
        void copy(TextModel from, TextModel to) {
            ((TransformerTextModel) to).copyWeights((TransformerTextModel) from);
        }
    }

    private static final class Lstms extends TextModels {
        private final int vocabulary;
        private final int width;

        Lstms(Settings settings, int vocabulary, int width) {
            super(settings);
            this.vocabulary = vocabulary;
            this.width = width;
        }

        @Override
        TextModel create(double learningRate, CounterRandom random) {
            return new RecurrentTextModel(vocabulary, width, learningRate, WARMUP, random);
        }

        @Override
        void copy(TextModel from, TextModel to) {
            ((RecurrentTextModel) to).copyWeights((RecurrentTextModel) from);
        }
    }
}
