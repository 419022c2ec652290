package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.rlhf4j.core.kernels.FiniteTensors;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.GradientClipping;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds what is to blame for a loss or a gradient that is not finite: weights, examples, numbers in them. The gradients are lost. */
final class NonFiniteSearch {
    private static final int MOST_EXAMPLES = 256; // computed alone
    private static final int MOST_NAMES = 20;
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);

    private final Transformer model;
    private final Gradients gradients;

    /** The gradient of a sum, in the model. */
    interface Gradients {
        ModelTrainer.TermResult of(List<WeightedObjective<?>> terms, StepMetrics metrics);
    }

    NonFiniteSearch(Transformer model, Gradients gradients) {
        this.model = model;
        this.gradients = gradients;
    }

    /** @param step the optimiser's, from 1 */
    NonFinite of(long step, double loss, double norm, List<WeightedObjective<?>> terms) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("optimizer_step", step);
        facts.put("loss", String.valueOf(loss));
        facts.put("gradient_norm", String.valueOf(norm));
        List<String> tensors = notFinite(Canary.gradients(model.trained()));
        facts.put("gradients_not_finite", tensors.size());
        facts.put("gradients", tensors.stream().limit(MOST_NAMES).toList());
        List<String> weights = model.brokenWeights();
        facts.put("weights", weights.stream().limit(MOST_NAMES).toList());
        List<Integer> found = new ArrayList<>();
        if (weights.isEmpty()) {
            facts.put("examples", examples(terms, found));
        }
        return new NonFinite(
                "step " + step + ": loss is " + loss + " and the gradient norm " + norm + ", but both must be finite"
                        + said("the weights", weights)
                        + (weights.isEmpty() ? said("the gradient", tensors) : "")
                        + "; use a smaller learning_rate or a max_grad_norm, or look at the data",
                facts,
                found);
    }

    /** Which tensors, in a message. */
    private static String said(String what, List<String> tensors) {
        return tensors.isEmpty()
                ? ""
                : "; " + what + " of " + tensors.get(0)
                        + (tensors.size() > 1 ? " and of " + (tensors.size() - 1) + " more tensors" : "")
                        + " too";
    }

    private List<String> notFinite(Map<String, Tensor> tensors) {
        return FiniteTensors.notFinite(tensors, model.kernels()).toList();
    }

    /** Each example alone, in the order of the terms. */
    private List<Map<String, Object>> examples(List<WeightedObjective<?>> terms, List<Integer> found) {
        List<Map<String, Object>> guilty = new ArrayList<>();
        int place = 0;
        for (int term = 0; term < terms.size(); term++) {
            int size = terms.get(term).examples().size();
            for (int i = 0; i < size && place < MOST_EXAMPLES; i++, place++) {
                WeightedObjective<?> alone = alone(terms.get(term), i);
                double loss = gradients.of(List.of(alone), new StepMetrics()).loss();
                double norm = GradientClipping.norm(model.trained(), model.kernels());
                if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                    guilty.add(facts(term, i, loss, norm, alone.examples().get(0)));
                    if (term == 0) {
                        found.add(i);
                    }
                }
            }
        }
        return guilty;
    }

    private static <E> WeightedObjective<E> alone(WeightedObjective<E> term, int i) {
        return new WeightedObjective<>(term.examples().subList(i, i + 1), term.objective(), term.weight());
    }

    private static Map<String, Object> facts(int term, int place, double loss, double norm, Object example) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("term", term);
        facts.put("place", place);
        facts.put("loss", String.valueOf(loss));
        facts.put("gradient_norm", String.valueOf(norm));
        try {
            JsonNode numbers = MAPPER.valueToTree(example);
            List<String> wrong = new ArrayList<>();
            collect(numbers, "", wrong);
            facts.put("not_finite", wrong.stream().limit(MOST_NAMES).toList());
            facts.put("example", numbers);
        } catch (IllegalArgumentException e) { // of a class that has no JSON form
            facts.put("example", String.valueOf(example));
        }
        return facts;
    }

    /** The names of numbers that are not finite. */
    private static void collect(JsonNode node, String name, List<String> wrong) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            wrong.add(name + " is " + node.doubleValue());
        }
        node.properties().forEach(field -> collect(field.getValue(), name + "." + field.getKey(), wrong));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(node.get(i), name + "[" + i + "]", wrong);
        }
    }
}
