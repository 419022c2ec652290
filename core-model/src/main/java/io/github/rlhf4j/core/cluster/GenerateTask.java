package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationListener;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import java.util.List;

/**
 * Samples the continuations of some requests; each is a unit of work.
 *
 * @param model the sampler
 * @param options how tokens are chosen
 */
public record GenerateTask(ModelVersion model, SamplingOptions options)
        implements Task<List<GenerationRequest>, List<Generated>> {
    @Override
    public List<Generated> run(List<GenerationRequest> requests, Worker worker) {
        return worker.generator(model).generate(requests, options, new GenerationListener() {
            @Override
            public void onFinished(Generated generated) {
                worker.advance(1);
            }
        });
    }
}
