package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.FiniteTensors;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.tokenizer.SpecialTokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer over packed batches, with its forward and its backward pass.
 *
 * <p>Owns the native memory of its weights, gradients and activations until {@link #close}. Activations are reused from pass to pass: once a size of batch has been
 * seen nothing is allocated. Not thread-safe; the kernels use all cores. Results do not depend on the number of threads.
 */
public final class Transformer implements AutoCloseable {
    private static final KeyValueSink NO_SINK = (layer, queryKeyValue) -> {};

    private final ModelConfig config;
    private final ModelFiles source;
    private final Set<Head> heads;
    private final Kernels kernels;
    private final ParameterStore parameters;
    private final boolean ownsParameters;
    private final LayerParameters layers; // as the layers of this view compute with them
    private final NativeMemory tables = new NativeMemory(1 << 16);
    private final @Nullable RotaryTable rotary;
    private final Embedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final Norm finalNorm;
    private final Activations activations;
    private final boolean ownsActivations;
    private final @Nullable LanguageHead languageHead;
    private final @Nullable ScalarHead scalarHead;
    private final TransformerPass pass;
    private final List<Transformer> replicas = new ArrayList<>();
    private double routerLoss;
    private @Nullable PackedWeights packedWeights; // owned
    private WeightType generationWeights = WeightType.FLOAT32;
    private @Nullable GenerationOrder generationOrder;
    private @Nullable Adapter adapter; // owned
    private boolean mergesWhenWritten;
    private boolean sharesMatrices; // with another model
    private final List<Adapter> merged = new ArrayList<>(); // owned, and used no more

    private Transformer(ModelConfig config, ModelFiles source, Set<Head> heads, Kernels kernels, WeightType weights) {
        this(
                config,
                source,
                heads,
                kernels,
                new ParameterStore(ParameterLayout.of(config, heads), kernels, weights),
                true,
                null);
    }

    private Transformer(
            ModelConfig config,
            ModelFiles source,
            Set<Head> heads,
            Kernels kernels,
            ParameterStore parameters,
            boolean ownsParameters,
            @Nullable Activations shared) {
        if (heads.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one head");
        }
        if (heads.containsAll(Set.of(Head.SCALAR, Head.LABELS))) {
            throw new IllegalArgumentException("a model has a scalar head or one of labels, not both");
        }
        this.config = config;
        this.routerLoss = config.feedForward().routerLoss();
        this.source = source;
        this.heads = EnumSet.copyOf(heads);
        this.kernels = kernels;
        this.parameters = parameters;
        this.ownsParameters = ownsParameters;
        layers = new LayerParameters(parameters);
        activations = shared == null ? new Activations(config, kernels) : shared;
        ownsActivations = shared == null;
        rotary = config.positions() instanceof Positions.Rotary rotation
                ? new RotaryTable(config, rotation, kernels.type(), tables)
                : null;
        embedding = Embedding.of(layers, kernels);
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new Block(config, layers, kernels, layer));
        }
        finalNorm = Norm.of(config, layers, kernels, ParameterLayout.FINAL_NORM);
        String languageKey = config.tiedEmbeddings() ? ParameterLayout.EMBEDDING : ParameterLayout.LANGUAGE_HEAD;
        languageHead = heads.contains(Head.LANGUAGE)
                ? new LanguageHead(kernels, Linear.of(kernels, layers, languageKey), activations)
                : null;
        scalarHead = scalarKey(heads)
                .map(key -> new ScalarHead(kernels, Linear.of(kernels, layers, key), activations))
                .orElse(null);
        pass = new TransformerPass(config, kernels, embedding, rotary, blocks, finalNorm, activations);
    }

    private static Optional<String> scalarKey(Set<Head> heads) {
        if (heads.contains(Head.LABELS)) {
            return Optional.of(ParameterLayout.LABELS_HEAD);
        }
        return heads.contains(Head.SCALAR) ? Optional.of(ParameterLayout.SCALAR_HEAD) : Optional.empty();
    }

    /** A model whose weights are still to be read. */
    static Transformer empty(ModelFiles source, Set<Head> heads, Kernels kernels, WeightType weights) {
        return new Transformer(ModelConfig.from(source.config()), source, heads, kernels, weights);
    }

    /** A model with fresh weights, drawn from {@code init}. */
    public static Transformer create(ModelConfig config, Set<Head> heads, Kernels kernels, CounterRandom init) {
        Transformer model = new Transformer(
                config, new ModelFiles(config.toHuggingFace(), Optional.empty()), heads, kernels, WeightType.FLOAT32);
        WeightInitializer.draw(model.parameters, config, init);
        return model;
    }

    /**
     * Reads a Hugging Face directory.
     *
     * @throws UserError where it is not one that can be read, or has no {@code score.weight} and SCALAR is asked for
     */
    public static Transformer load(Path directory, Set<Head> heads, Kernels kernels) {
        return load(directory, heads, kernels, Optional.empty(), WeightType.FLOAT32);
    }

    /** As {@link #load(Path, Set, Kernels)}; a scalar head that the directory lacks is drawn from {@code freshHead}: how a reward model begins. */
    public static Transformer load(Path directory, Set<Head> heads, Kernels kernels, CounterRandom freshHead) {
        return load(directory, heads, kernels, Optional.of(freshHead), WeightType.FLOAT32);
    }

    /**
     * Reads a Hugging Face directory.
     *
     * @param freshHead draws a scalar head that the directory lacks
     * @param weights how matrices are held: where that is not float32, they are frozen, so that an adapter alone can be trained
     * @throws UserError as {@link #load(Path, Set, Kernels)}
     */
    public static Transformer load(
            Path directory, Set<Head> heads, Kernels kernels, Optional<CounterRandom> freshHead, WeightType weights) {
        ModelDirectory files = ModelDirectory.open(directory);
        ModelConfig config = ModelConfig.from(files.config());
        try (TensorReader reader = files.openWeights()) {
            new ParameterFiles(reader, directory, config).check(heads, freshHead.isPresent()); // before memory is taken
            Transformer model = new Transformer(config, ModelFiles.of(files), heads, kernels, weights);
            try {
                new ParameterFiles(reader, directory, config).read(model.parameters, freshHead);
                model.requireFinite(directory);
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
            return model;
        }
    }

    /**
     * Another model on this one's matrices, without its adapter: one with an adapter of its own, or the model that an adapter was put on. A scalar head is its own.
     *
     * <p>It computes in this model's activations too, so a forward pass of either ends what can be done with the other's. The matrices stay what they are from now on: an adapter is merged as weights are written. To be closed before
     * this model.
     *
     * @param directory the folder that these matrices are from, or one with the same config.json
     * @param otherHeads its heads; a language head that is not tied must be this model's too
     * @param freshHead draws a scalar head that the directory lacks
     * @throws IllegalArgumentException where the folder's model has another shape
     */
    public Transformer sharing(Path directory, Set<Head> otherHeads, Optional<CounterRandom> freshHead) {
        ModelDirectory files = ModelDirectory.open(directory);
        if (!ModelConfig.from(files.config()).equals(config)) {
            throw new IllegalArgumentException("the model in " + directory + " has another shape");
        }
        Transformer other = sharing(otherHeads, ModelFiles.of(files));
        if (otherHeads.contains(Head.SCALAR)) {
            try (TensorReader reader = files.openWeights()) {
                new ParameterFiles(reader, directory, config).read(other.parameters, freshHead);
            } catch (RuntimeException e) {
                other.close();
                throw e;
            }
        }
        return other;
    }

    private Transformer sharing(Set<Head> otherHeads, ModelFiles files) {
        sharesMatrices = true;
        ParameterStore own = parameters.sharing(ParameterLayout.of(config, otherHeads));
        Transformer other = new Transformer(config, files, otherHeads, kernels, own, true, activations);
        other.sharesMatrices = true;
        other.useGradientCheckpointing(pass.isCheckpointing());
        return other;
    }

    /** A copy of this model's adapter on the same matrices. To be closed before this model. */
    public Transformer withAdapterCopied() {
        Adapter original = adapter().orElseThrow(() -> new IllegalStateException("this model has no adapter"));
        Transformer other = sharing(heads, source);
        other.attach(new Adapter(original.config(), original.layout(), kernels).turned(original.isOn()));
        other.copyWeightsFrom(this);
        return other;
    }

    private void requireFinite(Path directory) {
        brokenWeights(parameters).findFirst().ifPresent(name -> {
            throw ParameterFiles.notFinite(directory, name);
        });
    }

    /** The names of weights, an adapter's too, that hold NaN, an infinity, or what is too large to compute with. */
    public List<String> brokenWeights() {
        return Stream.concat(
                        brokenWeights(parameters), adapter == null ? Stream.of() : brokenWeights(adapter.parameters()))
                .toList();
    }

    private Stream<String> brokenWeights(ParameterStore store) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        store.all().stream()
                .filter(parameter -> parameter.compact().isEmpty()) // checked as they were read
                .forEach(parameter -> values.put(parameter.name(), parameter.value()));
        return FiniteTensors.notFinite(values, kernels);
    }

    /** Writes a Hugging Face directory, replacing the one that is there; tokenizer files are copied from {@code tokenizerFrom}. */
    public void save(Path directory, Optional<Path> tokenizerFrom, WeightFormat format) {
        save(directory, huggingFaceConfig(), tokenizerFrom, format);
    }

    /**
     * The same with another config.json.
     *
     * <p>generation_config.json is that of the directory this was read from. In both files, end and begin token are those of the tokenizer that is copied, so that other programs stop where this one does.
     */
    public void save(Path directory, HuggingFaceConfig file, Optional<Path> tokenizerFrom, WeightFormat format) {
        ModelDirectory.write(directory, contents(file, tokenizerFrom, format));
    }

    /** The same files in a directory that exists, for callers that make it appear as a whole themselves. */
    public void saveInto(Path directory, HuggingFaceConfig file, Optional<Path> tokenizerFrom, WeightFormat format)
            throws IOException {
        ModelDirectory.writeInto(directory, contents(file, tokenizerFrom, format));
    }

    private ModelDirectory.Contents contents(
            HuggingFaceConfig file, Optional<Path> tokenizerFrom, WeightFormat format) {
        ModelFiles files = source.with(withPartedHead(file));
        ModelFiles written = tokenizerFrom
                .flatMap(SpecialTokenIds::of)
                .map(files::alignedWith)
                .orElse(files);
        return new ModelDirectory.Contents(written.config(), weights(), format, tokenizerFrom, written.generation());
    }

    /** As {@link #save(Path, Optional, WeightFormat)}, float32. */
    public void save(Path directory, Optional<Path> tokenizerFrom) {
        save(directory, tokenizerFrom, WeightFormat.DEFAULT);
    }

    /** The config.json of this model with its heads; keys unknown here are those of the directory it was read from. */
    public HuggingFaceConfig huggingFaceConfig() {
        if (heads.contains(Head.LANGUAGE)) {
            return withPartedHead(
                    source.config().withLanguageModelHead(config.family().architecture(Head.LANGUAGE)));
        }
        return heads.contains(Head.LABELS)
                ? source.config().withLabelsHead(config.family().architecture(Head.LABELS))
                : source.config().withScalarHead(config.family().architecture(Head.SCALAR));
    }

    /** What a head with a term of its own is written as is no longer the embedding. */
    private HuggingFaceConfig withPartedHead(HuggingFaceConfig file) {
        return mergesWhenWritten && partsTheHead() ? file.with("tie_word_embeddings", false) : file;
    }

    /** The weights for {@link ModelDirectory}, read when they are written. */
    public List<TensorEntry> weights() {
        if (adapter != null && !mergesWhenWritten) {
            throw new IllegalStateException("an adapter must be merged first, or saved alone");
        }
        Map<String, Linear> adapted = new LinkedHashMap<>();
        if (mergesWhenWritten) {
            linears().forEach(linear -> adapted.put(linear.key(), linear));
        }
        List<TensorEntry> parted = new ArrayList<>();
        if (mergesWhenWritten && partsTheHead()) {
            Linear head = languageHead();
            adapted.remove(head.key());
            parted.add(ParameterFiles.merged("lm_head.weight", head));
        }
        return Stream.concat(
                        ParameterFiles.entries(
                                parameters, adapted, mergesWhenWritten && adapter != null ? adapter.copies() : Map.of())
                                .stream(),
                        parted.stream())
                .toList();
    }

    /** What to say where this model computed numbers that are not finite: the first weight that is not, if one is not. */
    public UserError notFinite() {
        return NotFinite.explain(source.config().source(), parameters);
    }

    public ModelConfig config() {
        return config;
    }

    public Set<Head> heads() {
        return EnumSet.copyOf(heads);
    }

    public Kernels kernels() {
        return kernels;
    }

    public ParameterStore parameters() {
        return parameters;
    }

    /** The embedding of the tokens, (V, C). */
    public Tensor embedding() {
        return layers.of(ParameterLayout.EMBEDDING).now().value();
    }

    /** From tokens to rows. */
    Embedding input() {
        return embedding;
    }

    /** The layers. */
    List<Block> blocks() {
        return List.copyOf(blocks);
    }

    /** The norm after the last layer. */
    Norm finalNorm() {
        return finalNorm;
    }

    /** The language head as a layer C -> V. */
    public Linear languageHead() {
        return requireLanguageHead().linear();
    }

    /** The scalar head as a layer C -> 1, or C -> 2 where it is that of labels. */
    public Linear scalarHead() {
        return requireScalarHead().linear();
    }

    /** Cosines and sines of the rotary positions; null where positions are learned. */
    @Nullable
    RotaryTable rotary() {
        return rotary;
    }

    /** This model's own weights on other kernels, for another thread to compute with; it must be closed before this model. */
    public Transformer on(Kernels others) {
        Transformer same = new Transformer(config, source, heads, others, parameters, false, null);
        if (adapter != null) {
            same.attach(adapter.on(others));
        }
        same.generationWeights = generationWeights;
        return same;
    }

    /**
     * Views of this model for parts of a batch that are computed at the same time, each by one thread: the weights are this model's, gradients and activations their own, but for the first one's, which are this model's too: a forward
     * pass of either ends what can be done with the other's. As many as the machine has processors, whatever the number of threads; none for a model so large that its products are better shared out. They belong to this model.
     */
    public List<Transformer> replicas() {
        ModelSize size = size();
        if (replicas.isEmpty() && size.isForReplicas(2)) {
            List<Kernels> singles = kernels.singles();
            if (size.isForReplicas(singles.size())) {
                replicas.add(new Transformer(config, source, heads, singles.get(0), parameters, false, activations));
                for (Kernels single : singles.subList(1, singles.size())) {
                    replicas.add(
                            new Transformer(config, source, heads, single, parameters.sharing(single), true, null));
                }
                adaptReplicas();
                replicas.forEach(replica -> replica.useGradientCheckpointing(pass.isCheckpointing()));
            }
        }
        return List.copyOf(replicas);
    }

    private void adaptReplicas() {
        if (adapter != null) {
            for (int i = 0; i < replicas.size(); i++) {
                Kernels single = replicas.get(i).kernels;
                replicas.get(i).attach(i == 0 ? adapter.on(single) : adapter.replica(single));
            }
        }
    }

    /**
     * Puts a fresh adapter on the model, which then computes what it did before: B is zero. From now on the adapter alone is what {@link #trained} gives.
     *
     * <p>A model that has the scalar head alone trains that head as a whole too.
     *
     * @param init draws A
     * @throws UserError where the config names layers that the model lacks
     */
    public void addAdapter(LoraConfig lora, CounterRandom init) {
        LoraConfig own = lora.in(config.family(), heads);
        Adapter fresh = new Adapter(own, AdapterLayout.of(config, heads, own), kernels);
        fresh.draw(config, parameters, init);
        attach(fresh);
        linears().forEach(Linear::beginAdapter);
    }

    /**
     * Puts an adapter on the model that peft, or {@link #saveAdapter}, has written.
     *
     * @throws UserError where it does not fit the model, or is of a kind that is not known
     */
    public void loadAdapter(Path directory) {
        attach(AdapterFiles.read(directory, this));
    }

    /**
     * The same where the adapter is to be trained further: a model that has the scalar head alone trains that head too, whether the adapter of the folder had it or not.
     */
    public void loadAdapterToTrain(Path directory) {
        Adapter stored = AdapterFiles.read(directory, this);
        LoraConfig own = stored.config().in(config.family(), heads);
        if (own.equals(stored.config())) {
            attach(stored);
            return;
        }
        Adapter more = new Adapter(own, stored.layout().with(config, heads, own), kernels);
        more.beginCopies(parameters);
        more.takeFrom(stored);
        stored.close();
        attach(more);
    }

    /** Puts {@code fresh} on all layers; before replicas, trainers and views are made. */
    void attach(Adapter fresh) {
        if (adapter != null || !replicas.isEmpty()) {
            throw new IllegalStateException("a model takes one adapter, before it is trained");
        }
        adapter = fresh;
        linears().forEach(linear -> linear.use(fresh.of(linear)));
        fresh.copies().forEach((key, copy) -> layers.of(key).use(copy, fresh));
        pass.useAdapter(fresh);
    }

    /** What its folder says. */
    ModelFiles source() {
        return source;
    }

    private List<Linear> linears() {
        List<Linear> all = new ArrayList<>();
        blocks.forEach(block -> all.addAll(block.linears()));
        if (languageHead != null) {
            all.add(languageHead.linear());
        }
        return all;
    }

    /** Whether an adapter adds to the head alone what is one matrix with the embedding. */
    private boolean partsTheHead() {
        return config.tiedEmbeddings()
                && languageHead != null
                && adapter != null
                && adapter.of(languageHead.linear()) != null;
    }

    /** The adapter on this model, if it has one. */
    public Optional<Adapter> adapter() {
        return Optional.ofNullable(adapter);
    }

    /** The rate of dropout that the adapter is to be trained with; 0 for none. */
    public double adapterDropout() {
        return adapter == null || !adapter.isOn()
                ? 0
                : adapter.config().variant().dropout();
    }

    /** What training changes: the adapter's weights where there is an adapter, else the model's. */
    public ParameterStore trained() {
        return adapter == null ? parameters : adapter.parameters();
    }

    /** Whether the adapter's terms count in what is computed from now on: off, the model is what it was before the adapter was trained, to the bit. Packed weights follow at {@link #prepareForward}. */
    public void useAdapter(boolean on) {
        if (adapter == null) {
            throw new IllegalStateException("this model has no adapter");
        }
        adapter.turned(on);
        replicas.forEach(replica -> replica.useAdapter(on));
    }

    /** What {@code work} gives with the adapter off: with the model that it was put on. */
    public <R> R withoutAdapter(Supplier<R> work) {
        boolean before = adapter().map(Adapter::isOn).orElse(false);
        useAdapter(false);
        try {
            return work.get();
        } finally {
            useAdapter(before);
        }
    }

    /**
     * Adds the adapter's terms to the weights, for good: the model then has no adapter. Trainers and views of it must not be used any more. Where the weights are not float32, or are another model's too, or a matrix is the embedding's too, the terms stay beside
     * them and are added when weights are written; a head that is then another matrix than the embedding is written as one.
     */
    public void mergeAdapter() {
        if (adapter == null) {
            throw new IllegalStateException("this model has no adapter");
        }
        if (parameters.weights().isCompact() || sharesMatrices || partsTheHead()) {
            mergesWhenWritten = true;
            return;
        }
        parameters.requireChangeable();
        linears().forEach(Linear::merge);
        adapter.copies()
                .forEach((key, copy) -> kernels.copy(parameters.matrix(key).value(), copy.value()));
        forgetAdapter();
        replicas.forEach(Transformer::forgetAdapter);
    }

    private void forgetAdapter() {
        linears().forEach(linear -> linear.use(null));
        adapter()
                .ifPresent(gone ->
                        gone.copies().keySet().forEach(key -> layers.of(key).useOwn()));
        adapter().ifPresent(merged::add);
        pass.useAdapter(null);
        adapter = null;
    }

    /**
     * Writes the adapter alone as peft does: adapter_config.json and adapter_model.safetensors.
     *
     * @param base what adapter_config.json calls the model that it is for: a path
     */
    public void saveAdapter(Path directory, String base) {
        AdapterFiles.write(
                directory,
                adapter().orElseThrow(() -> new IllegalStateException("this model has no adapter")),
                this,
                base);
    }

    /**
     * Runs {@code work}, during which no weight may change, with forward products by transposed weights, where the kernels compute those faster. Transposing costs about as much as is gained in 700 rows.
     */
    public void withTransposedWeights(Runnable work) {
        if (generationOrder == null && kernels.isFasterWithoutTransposes()) {
            parameters.withTransposes(work);
        } else {
            work.run();
        }
    }

    /**
     * From now on forward passes compute in the order of generation, so that log-probs are those of {@link IncrementalDecoder} to the bit, whatever else is in the batch; generators of this model must be made
     * afterwards. The backward pass is the usual one. Takes another copy of the weights.
     *
     * @throws UserError where rotary positions depend on how long a sequence is, so that a token's keys change as it grows
     */
    public void computeAsGenerated() {
        if (config.positions() instanceof Positions.Rotary rotation
                && rotation.scaling().growsWithTheSequence()) {
            throw new UserError(
                    "exact_on_policy must be false for a model with dynamic rope scaling: generation keeps the keys of"
                            + " a shorter sequence, which training computes anew");
        }
        if (adapterDropout() > 0) {
            throw new UserError(
                    "exact_on_policy must be false for an adapter with dropout: generation has none, so that log-probs"
                            + " differ");
        }
        if (generationWeights.isCompact()) {
            throw new UserError("exact_on_policy must be false where generation multiplies by "
                    + generationWeights.name().toLowerCase(Locale.ROOT) + " weights: training does by float32");
        }
        PackedWeights weights = new PackedWeights(this, WeightType.FLOAT32);
        packedWeights = weights;
        useOrder(new GenerationOrder(kernels, weights));
        List<Transformer> views = replicas();
        views.forEach(replica -> replica.useOrder(new GenerationOrder(replica.kernels, weights.on(replica))));
    }

    /** From now on generators of this model, to be made afterwards, multiply by a copy of the weights in that form. Training and scoring do by the weights themselves. */
    public void generateWith(WeightType weights) {
        if (generationOrder != null && weights.isCompact()) {
            throw new IllegalStateException("this model computes in the order of generation");
        }
        generationWeights = weights;
    }

    /**
     * Says that no weight changes from now on, an adapter's aside: generators then take their copy of the weights once, where before each call they would otherwise read them all to see whether it is still true. What would change weights, training first of all, is
     * an IllegalStateException; writing into a weight's tensor is not noticed.
     */
    public void keepWeights() {
        parameters.keep();
    }

    /** The form of the weights that generators of this model multiply by; float32 but where {@link #generateWith} says otherwise. */
    public WeightType generationWeights() {
        return generationWeights;
    }

    private void useOrder(GenerationOrder order) {
        generationOrder = order;
        pass.useOrder(order);
        requireLanguageHead().use(order.weights());
    }

    /** Whether forward passes compute in the order of generation. */
    public boolean computesAsGenerated() {
        return generationOrder != null;
    }

    /** Null where forward passes compute in the order that is fastest in training. */
    @Nullable
    GenerationOrder generationOrder() {
        return generationOrder;
    }

    /** To be called before forward passes where weights may have changed: takes the copy that they may compute with. */
    public void prepareForward() {
        if (packedWeights != null) {
            packedWeights.refresh();
        }
    }

    /** Adds a replica's gradients to this model's. */
    public void addGradientsOf(Transformer replica) {
        trained().addGradients(replica.trained());
    }

    /** A model of its own with the same weights. */
    public Transformer copy(boolean withGradients) {
        Transformer copy = new Transformer(config, source, heads, kernels, parameters.weights());
        if (adapter != null) {
            copy.attach(new Adapter(adapter.config(), adapter.layout(), kernels).turned(adapter.isOn()));
        }
        copy.copyWeightsFrom(this);
        copy.generationWeights = generationWeights;
        if (withGradients) {
            copy.trained().enableGradients();
        }
        return copy;
    }

    /** Takes the weights of a model of the same shape and heads. */
    public void copyWeightsFrom(Transformer other) {
        parameters.copyFrom(other.parameters);
        if (adapter != null && other.adapter != null) {
            adapter.copyFrom(other.adapter);
        } else if (adapter != null || other.adapter != null) {
            throw new IllegalArgumentException("one of the two models has an adapter");
        }
    }

    /** Whether the backward pass computes each layer again from its input instead of keeping its activations; results are the same. */
    public void useGradientCheckpointing(boolean use) {
        pass.useCheckpointing(use);
        replicas.forEach(replica -> replica.useGradientCheckpointing(use));
    }

    /**
     * Computes what {@code request} asks for.
     *
     * @throws IllegalArgumentException where the model lacks a head that is asked for
     */
    public void forward(PackedBatch batch, ForwardRequest request, Outputs out) {
        OutputRows outputs = outputRows(batch, request);
        Tensor normed = pass.forward(batch, outputs, request, NO_SINK);
        reportRouters(out, request);
        if (!request.statistics().isEmpty()) {
            requireLanguageHead()
                    .smoothing(request.labelSmoothing())
                    .teacher(request.teacher(), batch)
                    .forward(out.statistics(), request.statistics(), batch, outputs, normed, request.temperature());
        }
        if (request.scalars()) {
            requireScalarHead().forward(out, outputs, normed);
        }
        pass.remember(request);
    }

    /** The routers' loss counts every row of every layer; else what nothing reads is left out. */
    private static OutputRows outputRows(PackedBatch batch, ForwardRequest request) {
        return request.routerLoss() > 0
                ? batch.allRows()
                : batch.outputRows(!request.statistics().isEmpty(), request.scalars());
    }

    private void reportRouters(Outputs out, ForwardRequest request) {
        out.setRouters(
                request.routerLoss() > 0 ? pass.balance().loss() : 0,
                pass.routers().end());
    }

    private double routerLoss(ForwardRequest request) {
        return request.routerLoss() * routerLoss;
    }

    /** The coefficient of the routers' load-balancing loss in training, 0 for none: at first config.json's. */
    public double routerLoss() {
        return routerLoss;
    }

    /**
     * Trains with another coefficient of the routers' loss.
     *
     * @throws IllegalStateException where there are no routers
     */
    public void setRouterLoss(double coefficient) {
        if (config.feedForward().experts() < 2) {
            throw new IllegalStateException("a model without experts has no routers");
        }
        routerLoss = coefficient;
    }

    /**
     * Adds the gradients of the weights. Must follow {@link #forward} of the same batch with {@code keepForBackward}; once.
     *
     * @param dLogProb d loss / d logProb of each target; empty where the language head was not asked for
     * @param dEntropy the same for the entropy; empty for none
     * @param dScalars d loss / d value of each scalar row; empty where the scalar head was not asked for
     */
    public void backward(PackedBatch batch, double[] dLogProb, double[] dEntropy, double[] dScalars) {
        ForwardRequest request = pass.recall(batch);
        Tensor dNormed = pass.beginBackward();
        if (!request.statistics().isEmpty() && dLogProb.length > 0) {
            requireLanguageHead()
                    .smoothing(request.labelSmoothing())
                    .backward(dNormed, batch, pass.outputs(), pass.normed(), request.temperature(), dLogProb, dEntropy);
        }
        if (request.scalars() && dScalars.length > 0) {
            requireScalarHead().backward(dNormed, pass.outputs(), pass.normed(), dScalars);
        }
        pass.backward(dNormed, routerLoss(request));
    }

    /**
     * {@link #forward} and {@link #backward} at once, for a gradient that is known beforehand: the head's logits are computed once. {@code request.scalars()} must be false.
     */
    public void forwardBackward(PackedBatch batch, ForwardRequest request, double[] dLogProb, Outputs out) {
        if (request.scalars() || request.statistics().isEmpty()) {
            throw new IllegalArgumentException("one pass serves the language head alone");
        }
        OutputRows outputs = outputRows(batch, request);
        Tensor normed = pass.forward(batch, outputs, request.forTraining(), NO_SINK);
        reportRouters(out, request);
        pass.remember(request.forTraining());
        pass.recall(batch);
        Tensor dNormed = pass.beginBackward();
        requireLanguageHead()
                .smoothing(request.labelSmoothing())
                .teacher(request.teacher(), batch)
                .forwardBackward(
                        dNormed,
                        out.statistics(),
                        request.statistics(),
                        batch,
                        outputs,
                        normed,
                        request.temperature(),
                        dLogProb);
        pass.backward(dNormed, routerLoss(request));
    }

    /**
     * Logits, before any temperature, at some rows of a batch.
     *
     * @param rows ascending
     * @param out (rows, V)
     */
    public void logits(PackedBatch batch, int[] rows, Tensor out) {
        prefill(batch, rows, out, NO_SINK);
    }

    /** As {@link #logits}, handing each layer's keys and values to {@code sink}. */
    public void prefill(PackedBatch batch, int[] rows, Tensor out, KeyValueSink sink) {
        Tensor normed =
                pass.forward(batch, OutputRows.of(batch.rows(), rows, new int[0]), ForwardRequest.logProbs(), sink);
        requireLanguageHead().logits(out, normed);
    }

    /** The normed hidden states at some rows, (M, C); valid until the next forward pass. */
    Tensor normed(PackedBatch batch, OutputRows outputs) {
        return pass.forward(batch, outputs, ForwardRequest.logProbs(), NO_SINK);
    }

    /**
     * What runs through the layers.
     *
     * @param sink takes the embedding (0) and each layer's output (1 .. L), (N, C); a tensor is valid until the next pass
     */
    public void hiddenStates(PackedBatch batch, ObjIntConsumer<Tensor> sink) {
        pass.forward(batch, batch.allRows(), ForwardRequest.logProbs().forTraining(), NO_SINK);
        for (int layer = 0; layer < config.layers(); layer++) {
            sink.accept(activations.block(layer).input().rows(batch.rows()), layer);
        }
        sink.accept(activations.last.rows(batch.rows()), config.layers());
    }

    /** Logits of some targets of these rows. */
    Tensor headLogits(OutputRows outputs, Tensor normed, int from, int to) {
        return requireLanguageHead().logits(outputs, normed, from, to);
    }

    /** What it takes. */
    public ModelSize size() {
        return new ModelSize(config, heads, kernels.type(), parameters.weights());
    }

    /** Native bytes of the activations held now. */
    public long activationBytes() {
        return (ownsActivations ? activations.bytes() : 0)
                + (adapter == null ? 0 : adapter.activationBytes())
                + replicas.stream().mapToLong(Transformer::activationBytes).sum();
    }

    /**
     * An estimate of the activations' bytes for micro-batches of {@code rows} rows, with a backward pass or without one.
     */
    public long activationBytes(int rows, boolean forBackward) {
        return size().activationBytes(rows, forBackward, pass.isCheckpointing());
    }

    private LanguageHead requireLanguageHead() {
        if (languageHead == null) {
            throw new IllegalArgumentException("this model has no language head");
        }
        return languageHead;
    }

    private ScalarHead requireScalarHead() {
        if (scalarHead == null) {
            throw new IllegalArgumentException("this model has no scalar head");
        }
        return scalarHead;
    }

    @Override
    public void close() {
        replicas.forEach(Transformer::close);
        forgetAdapter();
        merged.forEach(Adapter::close);
        if (generationOrder != null) {
            generationOrder.close();
        }
        if (packedWeights != null) {
            packedWeights.close();
        }
        if (ownsParameters) {
            parameters.close();
        }
        if (rotary != null) {
            rotary.close();
        }
        tables.close();
        if (ownsActivations) {
            activations.close();
        }
    }
}
