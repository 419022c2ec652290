package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The beam search of transformers 5 ({@code GenerationMixin._beam_search}) for one prompt: the same beams and scores. Of all continuations of the running beams by one token, the best
 * {@code max(2, 1 + stop tokens) * num_beams} are looked at; those among the first {@code num_beams} that end are finished texts, and the best that do not end run on.
 */
final class BeamSearch {
    /** What transformers counts as worse than anything. */
    private static final double NEVER = -1e9;

    private final Transformer model;
    private final IncrementalDecoder decoder;
    private final KeyValueCache cache;
    private final BeamOptions beams;
    private final SamplingOptions options;
    private final PromptGroup group;
    private final float[] row; // (V)
    private final int looked;
    private List<Finished> finished = new ArrayList<>();
    private boolean canImprove = true;

    /** A text with its score; {@code isReal} where it has ended. */
    private record Finished(@Nullable Beam beam, double score, boolean isReal) {}

    /** A token after a beam. */
    private record Candidate(int beam, int id, double logProb, double sum) {}

    BeamSearch(
            Transformer model,
            IncrementalDecoder decoder,
            KeyValueCache cache,
            BeamOptions beams,
            SamplingOptions options,
            PromptGroup group) {
        this.model = model;
        this.decoder = decoder;
        this.cache = cache;
        this.beams = beams;
        this.options = options;
        this.group = group;
        this.row = new float[model.config().vocabSize()];
        this.looked = Math.max(2, 1 + options.endingIds().length) * beams.numBeams();
        for (int i = 0; i < beams.numBeams(); i++) {
            finished.add(new Finished(null, NEVER, false));
        }
    }

    /** The best {@code samples} texts of the group's request. */
    List<Generated> run() {
        PackedBatch prompt =
                PackedBatch.ofSingles(List.of(new TokenSequence(group.promptIds(), new int[0], new int[0])));
        int[] table = group.open(cache);
        BeamPages pages = new BeamPages(cache, table);
        try {
            Tensor logits = decoder.prefill(cache, prompt, new int[][] {table});
            List<Beam> running = List.of(Beam.empty(group.cursor(options.hasStops())));
            while (true) {
                List<Beam> next = step(running, logits);
                if (next.isEmpty()) {
                    return results();
                }
                running = next;
                int position = group.promptIds().length + running.get(0).length() - 1;
                pages.follow(running.stream().mapToInt(Beam::parent).toArray(), position);
                int[] positions = new int[running.size()];
                Arrays.fill(positions, position);
                int[] tokens = running.stream().mapToInt(Beam::lastId).toArray();
                logits = decoder.step(cache, tokens.length, tokens, positions, pages.tables());
            }
        } finally {
            pages.close();
        }
    }

    private List<Generated> results() {
        List<Generated> results = new ArrayList<>();
        for (int i = 0; i < group.samples(); i++) {
            Beam beam = finished.get(i).beam();
            if (beam != null) {
                FinishReason reason = ends(beam) ? FinishReason.STOP : FinishReason.LENGTH;
                results.add(new Generated(group.request(), i, beam.ids(), beam.logProbs(), reason));
            }
        }
        return results;
    }

    private boolean ends(Beam beam) {
        return options.stopsAt(beam.lastId());
    }

    /** The beams that run on; none at the end. */
    private List<Beam> step(List<Beam> running, Tensor logits) {
        List<Beam> best = new ArrayList<>();
        for (Candidate candidate : best(running, logits)) {
            best.add(running.get(candidate.beam())
                    .with(candidate.id(), candidate.logProb(), options.stopsAt(candidate.id()), candidate.beam()));
        }
        List<Beam> next = best.stream()
                .filter(beam -> !isOver(beam))
                .limit(beams.numBeams())
                .toList();
        finish(best);
        return goesOn(next) ? next : List.of();
    }

    private boolean isOver(Beam beam) {
        return ends(beam) || beam.length() >= group.mostNew();
    }

    private List<Candidate> best(List<Beam> running, Tensor logits) {
        Comparator<Candidate> order = Comparator.comparingDouble(Candidate::sum)
                .thenComparing(Comparator.comparingInt(Candidate::beam).reversed())
                .thenComparing(Comparator.comparingInt(Candidate::id).reversed());
        PriorityQueue<Candidate> kept = new PriorityQueue<>(order); // the worst first
        for (int beam = 0; beam < running.size(); beam++) {
            double sum = running.get(beam).sum();
            logProbs(running.get(beam), logits, beam);
            for (int id = 0; id < row.length; id++) {
                Candidate worst = kept.peek();
                boolean isPossible = row[id] != Float.NEGATIVE_INFINITY;
                if (isPossible && (kept.size() < looked || worst != null && sum + row[id] > worst.sum())) {
                    if (kept.size() == looked) {
                        kept.remove();
                    }
                    kept.add(new Candidate(beam, id, row[id], sum + row[id]));
                }
            }
        }
        return kept.stream().sorted(order.reversed()).toList();
    }

    /** Sets {@link #row} to a beam's log-softmax in single precision, to which transformers then applies the repetition penalty. */
    private void logProbs(Beam beam, Tensor logits, int index) {
        Rows.load(logits, index, row, 0);
        if (beam.cursor() != null) {
            beam.cursor().allowed().mask(row, options.endingIds());
        }
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : row) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : row) {
            sum += Math.exp(logit - max);
        }
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw model.notFinite();
        }
        double logSum = Math.log(sum);
        for (int id = 0; id < row.length; id++) {
            row[id] = (float) ((double) row[id] - max - logSum);
        }
        if (options.hasPenalty()) {
            SeenTokens seen = new SeenTokens(true, group.promptIds());
            Arrays.stream(beam.ids()).forEach(seen::add);
            for (int i = 0; i < seen.count(); i++) {
                row[seen.id(i)] = RepetitionPenalty.penalize(row[seen.id(i)], options.repetitionPenalty());
            }
        }
    }

    private void finish(List<Beam> best) {
        boolean isLate = isFull() && beams.earlyStopping() == BeamOptions.EarlyStopping.TRUE || !canImprove;
        List<Finished> merged = new ArrayList<>(finished);
        for (int i = 0; i < best.size(); i++) {
            boolean isNew = i < beams.numBeams() && isOver(best.get(i));
            double score = beams.score(best.get(i).sum(), best.get(i).length());
            merged.add(new Finished(best.get(i), score + (isLate ? NEVER : 0) + (isNew ? 0 : NEVER), isNew));
        }
        merged.sort(Comparator.comparingDouble(Finished::score).reversed()); // keeps the order of equal ones
        finished = new ArrayList<>(merged.subList(0, beams.numBeams()));
    }

    private boolean goesOn(List<Beam> next) {
        if (next.isEmpty()) {
            return false;
        }
        boolean mayGrow = beams.earlyStopping() == BeamOptions.EarlyStopping.NEVER && beams.lengthPenalty() > 0;
        int length = mayGrow ? group.mostNew() : next.get(0).length();
        double possible = beams.score(next.get(0).sum(), length);
        double worst = finished.stream().mapToDouble(Finished::score).min().orElse(NEVER);
        canImprove &= !isFull() || possible > worst;
        return canImprove && !(isFull() && beams.earlyStopping() == BeamOptions.EarlyStopping.TRUE);
    }

    /** Whether there are as many texts that have ended as beams. */
    private boolean isFull() {
        return finished.stream().allMatch(Finished::isReal);
    }
}
