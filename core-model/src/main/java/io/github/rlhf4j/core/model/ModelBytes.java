package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model as bytes for another process, to the bit: its shape, its weights, and apart from them its adapter, which alone changes where there is one. The gradients stay behind.
 *
 * <p>The model that is made of them computes what this one does, with the adapter on or off as it was and in the order of generation where this one does. It is for computing, not for writing files: the folder's other files are not in it.
 */
public final class ModelBytes {
    private ModelBytes() {}

    /** Weights of another shape than the model that is to take them. */
    public static final class OtherShape extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        OtherShape(String what) {
            super(what);
        }
    }

    /** Whether a model can be sent: its shape must be what its config.json says, and its numbers single precision. */
    public static boolean canTravel(Transformer model) {
        if (model.kernels().type() != DataType.FLOAT) {
            return false;
        }
        HuggingFaceConfig config = model.source().config();
        return ModelConfig.from(HuggingFaceConfig.ofJson(config.source(), config.toJson()))
                .equals(model.config());
    }

    /** Writes shape and weights, without the adapter. */
    public static void writeWeights(Transformer model, WireWriter out) {
        writeShape(model, out);
        writeStore(model.parameters(), out);
    }

    private static void writeShape(Transformer model, WireWriter out) {
        HuggingFaceConfig config = model.source().config();
        out.putText(config.source()).putText(config.toJson());
        out.putList(List.copyOf(model.heads()), (to, head) -> to.putText(head.name()));
        out.putText(model.parameters().weights().name());
    }

    /** What {@link #writeShape} wrote. */
    private record Shape(HuggingFaceConfig file, Set<Head> heads, WeightType weights) {
        static Shape read(WireReader in) {
            HuggingFaceConfig file = HuggingFaceConfig.ofJson(in.getText(), in.getText());
            Set<Head> heads = new LinkedHashSet<>(in.getList(from -> Head.valueOf(from.getText())));
            return new Shape(file, heads, WeightType.valueOf(in.getText()));
        }

        boolean isOf(Transformer model) {
            return ModelConfig.from(file).equals(model.config())
                    && heads.equals(model.heads())
                    && weights == model.parameters().weights();
        }
    }

    /** Writes the adapter, which must be there. */
    public static void writeAdapter(Transformer model, WireWriter out) {
        Adapter adapter = model.adapter().orElseThrow();
        writeConfig(adapter.config(), out);
        Set<String> modules = new LinkedHashSet<>();
        adapter.layout().modules().values().forEach(own -> own.forEach(module -> modules.add(module.name())));
        out.putList(List.copyOf(modules), WireWriter::putText);
        writeStore(adapter.parameters(), out);
        adapter.origins().ifPresent(origins -> writeStore(origins, out));
    }

    private static void writeConfig(LoraConfig config, WireWriter out) {
        out.putInt(config.r()).putDouble(config.alpha()).putBoolean(config.useRslora());
        out.putDouble(config.variant().dropout()).putBoolean(config.variant().useDora());
        out.putText(config.variant().init().name());
        out.putList(config.saved().names(), WireWriter::putText)
                .putBoolean(config.saved().tied());
    }

    private static LoraConfig readConfig(WireReader in) {
        int r = in.getInt();
        double alpha = in.getDouble();
        boolean useRslora = in.getBoolean();
        double dropout = in.getDouble();
        boolean useDora = in.getBoolean();
        LoraInit init = LoraInit.valueOf(in.getText());
        SavedModules saved = new SavedModules(in.getList(WireReader::getText), in.getBoolean());
        return new LoraConfig(
                r,
                alpha,
                useRslora,
                Optional.empty(),
                new LoraVariant(dropout, useDora, init),
                saved); // modules are named
    }

    private static void writeStore(ParameterStore store, WireWriter out) {
        for (FusedParameter matrix : store.fused()) {
            out.putText(matrix.matrix().key());
            CompactMatrix compact = matrix.compact();
            if (compact == null) {
                out.putTensor(matrix.value());
            } else {
                out.putCompact(compact);
            }
        }
    }

    /** Reads what {@link #writeWeights} wrote as a model of its own, without gradients. */
    public static Transformer readWeights(WireReader in, Kernels kernels) {
        Shape shape = Shape.read(in);
        ModelFiles files = new ModelFiles(shape.file(), Optional.empty());
        Transformer model = Transformer.empty(files, shape.heads(), kernels, shape.weights());
        try {
            readStore(model.parameters(), in);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    /**
     * Reads other weights of the same shape into a model that {@link #readWeights} gave.
     *
     * @throws OtherShape where the shape is another
     */
    public static void readWeightsInto(Transformer model, WireReader in) {
        if (!Shape.read(in).isOf(model)) {
            throw new OtherShape("the weights are of another shape");
        }
        readStore(model.parameters(), in);
    }

    /** Puts the adapter on the model that {@link #writeAdapter} wrote, or takes its weights where it is there already. */
    public static void readAdapterInto(Transformer model, WireReader in) {
        LoraConfig config = readConfig(in);
        Set<String> modules = new LinkedHashSet<>(in.getList(WireReader::getText));
        Adapter adapter = model.adapter().orElse(null);
        if (adapter == null) {
            AdapterLayout layout = AdapterLayout.of(model.config(), model.heads(), config, modules::contains);
            adapter = new Adapter(config, layout, model.kernels());
            model.attach(adapter);
        }
        if (!config.equals(adapter.config()) && adapter.config().targets().isEmpty()) {
            throw new OtherShape("the adapter is of another shape");
        }
        readStore(adapter.parameters(), in);
        adapter.origins().ifPresent(origins -> readStore(origins, in));
        adapter.weightsHaveChanged();
    }

    private static void readStore(ParameterStore store, WireReader in) {
        for (FusedParameter matrix : store.fused()) {
            String key = in.getText();
            if (!key.equals(matrix.matrix().key())) {
                throw new OtherShape("weights of " + key + " where there must be those of "
                        + matrix.matrix().key());
            }
            CompactMatrix compact = matrix.compact();
            if (compact == null) {
                in.into(matrix.value());
            } else {
                in.into(compact);
            }
        }
    }
}
