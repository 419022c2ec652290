package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.InventedLanguage;
import java.util.List;
import java.util.Map;

/** The page seq2seq: encoder and decoder without and with attention, and a transformer, on translation by length. */
public final class Seq2seq implements Measure {
    @Override
    public void measure(Subject subject) {
        TranslationModel kind =
                new TranslationModel(String.valueOf(subject.values().get("model")));
        SentencePairs data = new SentencePairs(subject.seed(), InventedLanguage.ALO, InventedLanguage.BERU);
        try (CpuKernels kernels = new CpuKernels(1); // deeplearning4j has one thread too
                Translator model = kind.create(
                        subject.settings(),
                        data.vocabulary(),
                        kernels,
                        CounterRandom.of(subject.seed()).derive("weights"))) {
            new TranslationTraining(subject, kind, data, model).run();
            if (model instanceof RecurrentTranslator recurrent
                    && recurrent.shape().attention()) {
                alignment(subject, data, recurrent);
            }
            if (!kind.isOfWidth()) {
                speed(subject, model);
            }
        }
    }

    private static void alignment(Subject subject, SentencePairs data, RecurrentTranslator model) {
        if (subject.seed() != 1) {
            return; // another seed has another sentence
        }
        TokenPair pair = data.heldOut(2, 1).get(0);
        double[][] weights = model.alignment(pair);
        List<String> source = data.words(pair.source());
        List<String> target = data.words(pair.target());
        for (int t = 0; t < target.size(); t++) {
            for (int s = 0; s < source.size(); s++) {
                subject.add(
                        Map.of("reads", s + 1 + " " + source.get(s), "writes", t + 1 + " " + target.get(t)),
                        Map.of("weight", weights[t][s]));
            }
        }
    }

    private static void speed(Subject subject, Translator model) {
        for (double context : subject.settings().numbers("contexts")) {
            subject.checkStop();
            try (SpeedTest test = SpeedTest.of(model)) {
                subject.add(Map.of("context", context), test.milliseconds((int) context));
            }
        }
    }
}
