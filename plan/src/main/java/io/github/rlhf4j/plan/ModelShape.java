package io.github.rlhf4j.plan;

import java.util.List;

/**
 * A model as far as its sizes need it, of any family.
 *
 * @param family Hugging Face's {@code model_type}
 * @param vocabulary V
 * @param hidden C
 * @param layers in order
 * @param embedding weights of the embeddings of tokens and positions, and of what leads from and to them
 * @param norms weights of norms outside layers
 * @param head weights of the head alone: 0 where it is the embedding
 * @param headProduct weights that a token is multiplied by in the head
 * @param context tokens that a sequence may have
 */
record ModelShape(
        String family,
        long vocabulary,
        long hidden,
        List<LayerShape> layers,
        long embedding,
        long norms,
        long head,
        long headProduct,
        long context) {
    ModelShape {
        layers = List.copyOf(layers);
    }

    /** Numbers that are cached of each token, over layers that see all of it. */
    long cachedOfToken() {
        return layers.stream().mapToLong(layer -> layer.attention().cached()).sum();
    }

    /** Numbers that are cached of a sequence of that length. */
    long cached(long length) {
        return layers.stream()
                .mapToLong(
                        layer -> layer.attention().cached() * layer.attention().seen(length))
                .sum();
    }
}
