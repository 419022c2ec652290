package io.github.rlhf4j.core.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The micro-batches of a step as one batch, in the order of the step's examples, for objectives that need all outputs at once. */
final class JoinedBatch<E> implements ObjectiveBatch<E> {
    private final List<EvaluatedBatch<E>> parts;
    private final List<E> examples;
    private final List<Place> places = new ArrayList<>();
    private final EvaluatedBatch.StepTotals<E> step;
    private final StepMetrics metrics;
    private double loss;

    private record Place(int part, int example, int index) {}

    JoinedBatch(List<EvaluatedBatch<E>> parts, EvaluatedBatch.StepTotals<E> step, StepMetrics metrics) {
        this.parts = parts;
        this.step = step;
        this.metrics = metrics;
        for (int part = 0; part < parts.size(); part++) {
            int[] indices = parts.get(part).of().indices();
            for (int example = 0; example < indices.length; example++) {
                places.add(new Place(part, example, indices[example]));
            }
        }
        places.sort(Comparator.comparingInt(Place::index));
        examples = places.stream()
                .map(place -> parts.get(place.part()).examples().get(place.example()))
                .toList();
    }

    double loss() {
        return loss;
    }

    @Override
    public List<E> examples() {
        return examples;
    }

    @Override
    public List<E> stepExamples() {
        return step.examples();
    }

    @Override
    public long stepTargets() {
        return step.targets();
    }

    @Override
    public SequenceOutputs sequence(int example, int sequence) {
        Place place = places.get(example);
        return parts.get(place.part()).sequence(place.example(), sequence);
    }

    @Override
    public int sequences(int example) {
        Place place = places.get(example);
        return parts.get(place.part()).sequences(place.example());
    }

    @Override
    public void addLoss(double more) {
        loss += more;
    }

    @Override
    public StepMetrics metrics() {
        return metrics;
    }
}
