package io.github.rlhf4j.cli.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.cli.verify.Verification.Outcome;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.kernels.conformance.KernelsConformance;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What a machine computes: kernels, gradients, models of every family, sampling. */
public final class ArithmeticChecks {
    private static final double GRADIENTS = 1e-6;
    private static final double LOG_PROBS = 1e-4;

    private final Kernels kernels;
    private final KernelsFactory factory;
    private final List<GoldenModel> models = new ArrayList<>();

    /**
     * @param kernels those that are checked
     * @param factory makes kernels of the same sort with other numbers of threads
     * @param folder empty, for the models
     */
    public ArithmeticChecks(Kernels kernels, KernelsFactory factory, Path folder) throws IOException {
        this.kernels = kernels;
        this.factory = factory;
        for (String name : GoldenModel.NAMES) {
            models.add(GoldenModel.unpack(name, folder));
        }
    }

    /** All of them. */
    public void run(Verification verification) {
        verification.check("kernels against plain loops in double", this::kernels);
        verification.check("the same bits with 1, 2 and 3 threads", this::threads);
        verification.check("gradients against central differences", this::gradients);
        verification.check("log-probs against transformers'", this::logProbs);
        verification.check("greedy texts against transformers'", this::greedy);
        verification.check("sampler's log-probs against the trainer's", this::sampling);
    }

    private Outcome kernels() {
        KernelsConformance.Finding finding = KernelsConformance.againstPlainLoops(kernels);
        return Outcome.atMost(
                KernelsConformance.tolerance(kernels),
                finding.difference(),
                KernelsConformance.scenarios() + " scenarios; largest difference, in \"" + finding.scenario() + "\":");
    }

    private Outcome threads() {
        Kernels one = factory.create(1);
        KernelsConformance.Finding two = KernelsConformance.between(factory.create(2), one);
        KernelsConformance.Finding three = KernelsConformance.between(factory.create(3), one);
        KernelsConformance.Finding worse = two.difference() > three.difference() ? two : three;
        return worse.difference() == 0
                ? new Outcome(true, KernelsConformance.scenarios() + " scenarios")
                : Outcome.atMost(0, worse.difference(), "they differ in \"" + worse.scenario() + "\":");
    }

    private Outcome gradients() {
        double largest = 0;
        for (GoldenModel model : models) {
            largest = larger(largest, GradientCheck.largestDifference(model, new ReferenceKernels(DataType.DOUBLE)));
        }
        return Outcome.atMost(GRADIENTS, largest, models.size() + " models; largest difference");
    }

    private Outcome logProbs() {
        double largest = 0;
        for (GoldenModel golden : models) {
            try (Transformer model = Transformer.load(golden.directory(), Set.of(Head.LANGUAGE), kernels)) {
                PackedBatch batch = golden.batch();
                Outputs outputs = new Outputs();
                model.forward(batch, ForwardRequest.logProbs(), outputs);
                JsonNode expected = golden.expected().path("token_log_probs");
                for (int i = 0; i < batch.sequences(); i++) {
                    for (int j = 0; j < batch.targets(i); j++) {
                        double difference = outputs.logProbs()[batch.targetIndex(i, j)]
                                - expected.get(i).get(j).asDouble();
                        largest = larger(largest, Math.abs(difference));
                    }
                }
            }
        }
        return Outcome.atMost(LOG_PROBS, largest, models.size() + " models; largest difference, nats:");
    }

    private Outcome greedy() {
        List<String> different = new ArrayList<>();
        for (GoldenModel golden : models) {
            try (Transformer model = Transformer.load(golden.directory(), Set.of(Head.LANGUAGE), kernels);
                    SamplerCheck sampler = new SamplerCheck(model)) {
                if (!Arrays.equals(sampler.greedy(golden.greedyPrompt(), golden.greedy().length), golden.greedy())) {
                    different.add(golden.name());
                }
            }
        }
        return new Outcome(
                different.isEmpty(),
                different.isEmpty() ? models.size() + " models" : "different: " + String.join(", ", different));
    }

    private Outcome sampling() {
        double largest = 0;
        for (GoldenModel golden : models) {
            if (golden.name().equals("llama-dynamic")) {
                continue; // its positions depend on the length of the text, so cached keys are not those of a longer
                // one
            }
            try (Transformer model = Transformer.load(golden.directory(), Set.of(Head.LANGUAGE), kernels);
                    SamplerCheck sampler = new SamplerCheck(model)) {
                largest = larger(largest, sampler.largestDifference(golden.greedyPrompt(), 20));
            }
        }
        return Outcome.atMost(LOG_PROBS, largest, models.size() - 1 + " models; largest difference, nats:");
    }

    static double larger(double one, double other) {
        return Double.isNaN(one) || Double.isNaN(other) ? Double.NaN : Math.max(one, other);
    }
}
