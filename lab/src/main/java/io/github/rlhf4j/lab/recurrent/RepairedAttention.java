package io.github.rlhf4j.lab.recurrent;

import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.samediff.SameDiffGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * deeplearning4j's attention with right gradients: in 1.0.0-M2.1 those of every SameDiff vertex are twice what they must be, since ExternalErrorsFunction adds the gradient of its output a second time.
 * {@code RecurrentTranslatorTest} holds the gradients against central differences.
 */
@SuppressWarnings({"serial", "overrides"})
final class RepairedAttention extends AttentionVertex {
    private static final long serialVersionUID = 1;

    private RepairedAttention(Builder builder) {
        super(builder);
    }

    /** Scaled dot-product attention with one head: queries, keys, values and output are all of {@code width}. */
    static RepairedAttention of(int width) {
        Builder builder = new Builder()
                .nInQueries(width)
                .nInKeys(width)
                .nInValues(width)
                .nOut(width)
                .nHeads(1)
                .headSize(width)
                .projectInput(true);
        builder.build(); // checks, and sets what is not given
        return new RepairedAttention(builder);
    }

    @Override
    @SuppressWarnings("MissingSuperCall")
    public RepairedAttention clone() {
        RepairedAttention same = of((int) getNOut());
        same.setUpdater(getUpdater()); // which AttentionVertex.clone loses
        same.setBiasUpdater(getBiasUpdater());
        same.setGradientNormalization(getGradientNormalization());
        same.setGradientNormalizationThreshold(getGradientNormalizationThreshold());
        return same;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int index,
            INDArray parameters,
            boolean initialise,
            DataType networkDataType) {
        setName(name);
        return new Vertex(this, graph, name, index, parameters, initialise, networkDataType);
    }

    private static final class Vertex extends SameDiffGraphVertex {
        private static final long serialVersionUID = 1;

        Vertex(
                SameDiffVertex config,
                ComputationGraph graph,
                String name,
                int index,
                INDArray parameters,
                boolean initialise,
                DataType dataType) {
            super(config, graph, name, index, parameters, initialise, dataType);
        }

        @Override
        public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
            setEpsilon(getEpsilon().mul(0.5));
            return super.doBackward(truncated, workspaces);
        }
    }
}
