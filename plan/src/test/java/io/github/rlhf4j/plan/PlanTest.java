package io.github.rlhf4j.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Operations, memory, tokens, time and communication, by hand and by published numbers. */
class PlanTest {
    private static ObjectNode plan(String name) {
        return plan(name, PlanOptions.DEFAULT);
    }

    private static ObjectNode plan(String name, PlanOptions options) {
        return Plan.of(PlanSubject.named(name, List.of()), options).json();
    }

    private static PlanOptions of(PlanOptions.Workload workload) {
        return new PlanOptions(workload, PlanOptions.DEFAULT.training(), Optional.empty(), Optional.empty());
    }

    private static PlanOptions of(PlanOptions.Training training) {
        return new PlanOptions(PlanOptions.DEFAULT.workload(), training, Optional.empty(), Optional.empty());
    }

    /** nanoGPT's transformer_sizing.ipynb, of GPT-2 at 1,024 tokens: 291,648,307,200 forward, three times that in all. */
    @Test
    void countsWhatNanoGptCounts() {
        ObjectNode gpt2 = plan("gpt2");
        assertThat(gpt2.at("/flops_per_token/forward").longValue() * 1024).isEqualTo(291_648_307_200L);
        assertThat(gpt2.at("/flops_per_token/forward_backward").longValue() * 1024)
                .isEqualTo(874_944_921_600L);
    }

    /** 6 N + 12 L H Q T of Llama 2 7B at 4,096 tokens. */
    @Test
    void countsWhatPalmCounts() {
        assertThat(plan("llama-2-7b").at("/flops_per_token/palm").longValue()).isEqualTo(46_872_944_640L);
    }

    /** Of 4 tokens with a window of 2: 1, 2, 2, 2 positions. Of all: 1, 2, 3, 4. */
    @Test
    void aMaskHidesWhatItHides() {
        AttentionShape window = new AttentionShape(List.of(), 0, 1, 1, 1, 1, 2);
        assertThat(window.seenOnAverage(4)).isEqualTo(7 / 4.0);
        assertThat(window.seen(4)).isEqualTo(2);
        AttentionShape all = new AttentionShape(List.of(), 0, 1, 1, 1, 1, 0);
        assertThat(all.seenOnAverage(4)).isEqualTo(10 / 4.0);
    }

    /** GPT-3: 3.14e23 (Brown et al. 2020, Table D.1); Llama 3.1 405B: 3.8e25 (Llama Team 2024, section 1); Chinchilla and Gopher about 5.8e23 and 5e23. */
    @Test
    void trainingTakesWhatPapersSay() {
        assertThat(plan("gpt-3").at("/training/flops").asDouble()).isCloseTo(3.143e23, within(1e20));
        assertThat(plan("gpt-3").at("/training/petaflop_days").asDouble()).isCloseTo(3637, within(1.0));
        assertThat(plan("llama-3.1-405b").at("/training/flops").asDouble()).isCloseTo(3.8e25, within(1e23));
        assertThat(plan("chinchilla").at("/training/flops").asDouble()).isCloseTo(5.88e23, within(1e21));
        assertThat(plan("gopher").at("/training/flops").asDouble()).isCloseTo(5.04e23, within(1e21));
    }

    @Test
    void trainingTokensAreThoseOfTheDataTimesEpochs() {
        ObjectNode twice =
                plan("llama-2-7b", of(new PlanOptions.Workload(OptionalDouble.of(1e12), 2, OptionalLong.empty(), 1)));
        assertThat(twice.at("/training/tokens").asDouble()).isEqualTo(2e12);
        assertThat(twice.at("/training/flops").asDouble()).isEqualTo(6 * 6_738_415_616.0 * 2e12);
    }

    @Test
    void threeBillionParametersNeedSixtyBillionTokens() {
        ObjectNode plan = plan("3B");
        assertThat(plan.at("/parameters/total").longValue()).isEqualTo(3_000_000_000L);
        assertThat(plan.at("/chinchilla/tokens").asDouble()).isEqualTo(60e9);
        assertThat(plan.at("/training/tokens").asDouble()).isEqualTo(60e9);
    }

    /** For 5.76e23 FLOPs: 3.21899e10 and 2.98231e12 as printed, 58.9 tokens a parameter with all digits, 7.22487e10 and 1.32874e12 corrected. */
    @Test
    void fitsAreThePublishedOnes() {
        ScalingFit printed = fit("hoffmann");
        assertThat(printed.bestParameters(5.76e23)).isCloseTo(3.21899e10, within(1e6));
        assertThat(printed.bestTokens(5.76e23)).isCloseTo(2.98231e12, within(1e8));
        ScalingFit exact = fit("hoffmann_exact");
        assertThat(exact.bestTokens(5.76e23) / exact.bestParameters(5.76e23)).isCloseTo(58.9, within(0.05));
        ScalingFit corrected = fit("besiroglu");
        assertThat(corrected.bestParameters(5.76e23)).isCloseTo(7.22487e10, within(1e6));
        assertThat(corrected.bestTokens(5.76e23)).isCloseTo(1.32874e12, within(1e8));
        for (ScalingFit fit : Chinchilla.fits().values()) {
            double parameters = fit.bestParameters(1e22);
            assertThat(6 * parameters * fit.bestTokens(1e22)).isCloseTo(1e22, within(1e14));
            assertThat(fit.bestTokensFor(parameters)).isCloseTo(fit.bestTokens(1e22), within(1e5));
            assertThat(fit.loss(1.1 * parameters, fit.bestTokens(1e22) / 1.1))
                    .isGreaterThan(fit.loss(parameters, fit.bestTokens(1e22)));
            assertThat(fit.loss(parameters / 1.1, fit.bestTokens(1e22) * 1.1))
                    .isGreaterThan(fit.loss(parameters, fit.bestTokens(1e22)));
        }
    }

    private static ScalingFit fit(String name) {
        return Optional.ofNullable(Chinchilla.fits().get(name)).orElseThrow();
    }

    @Test
    void tablesAreMetAtTheirEntries() {
        assertThat(Chinchilla.tables(1e9))
                .containsEntry("approach_3", Chinchilla.tables(1e9).get("approach_3"));
        assertThat(Chinchilla.tables(67e9).get("approach_1")).isCloseTo(1.5e12, within(1e3));
        assertThat(Chinchilla.tables(67e9).get("approach_2")).isCloseTo(1.7e12, within(1e3));
        assertThat(Chinchilla.tables(400e6).get("approach_3")).isCloseTo(9.2e9, within(1e3));
        assertThat(Chinchilla.tables(10e12).get("approach_3")).isCloseTo(1425.5e12, within(1e6));
        assertThat(Chinchilla.tables(44e6).get("approach_1")).isBetween(0.5e9, 1.2e9);
    }

    /** 16 bytes a parameter in mixed precision with AdamW: Llama 2 7B 107,814,649,856 bytes. Keys and values: 524,288 bytes a token, 2 GiB for 4,096. */
    @Test
    void memoryIsCountedByItsFormulas() {
        ObjectNode plan = plan("llama-2-7b");
        ObjectNode train = plan.withObject("/memory/train");
        assertThat(train.path("weights").longValue()
                        + train.path("gradients").longValue()
                        + train.path("optimizer").longValue())
                .isEqualTo(107_814_649_856L);
        long numbers = 4 * 4096 + 3 * 4096 + 4096 + 3 * 11008; // of a token in a layer
        assertThat(train.path("activations").longValue()).isEqualTo(2 * 32 * 4096 * numbers);
        assertThat(train.path("logits").longValue()).isEqualTo(8L * 32_000 * 4096);
        assertThat(plan.at("/memory/serve/kv_bytes_per_token").longValue()).isEqualTo(524_288);
        assertThat(plan.at("/memory/serve/kv_cache").longValue()).isEqualTo(2_147_483_648L);
        assertThat(plan("llama-2-70b").at("/memory/serve/kv_bytes_per_token").longValue())
                .isEqualTo(327_680);
        assertThat(plan("llama-3-8b").at("/memory/serve/kv_bytes_per_token").longValue())
                .isEqualTo(131_072);
        assertThat(plan.at("/memory/serve/weights/int4").longValue()).isEqualTo(6_738_415_616L / 2);
    }

    @Test
    void aWindowBoundsTheCache() {
        ObjectNode sliding = plan("mistral-7b");
        assertThat(sliding.at("/memory/serve/length").longValue()).isEqualTo(8192);
        assertThat(sliding.at("/memory/serve/kv_cache").longValue())
                .isEqualTo(4096 * sliding.at("/memory/serve/kv_bytes_per_token").longValue());
    }

    @Test
    void anAdapterIsWhatIsTrained() {
        ObjectNode plan = plan(
                "smollm2-135m",
                of(new PlanOptions.Training(
                        Precision.FLOAT32,
                        OptimizerKind.ADAMW,
                        OptionalLong.of(16),
                        Optional.of(WeightBits.INT8),
                        true)));
        long rows = 2 * (576 + 576) + 2 * (576 + 192) + 3 * (576 + 1536); // in + out of q, o, k, v, gate, up, down
        long adapter = 30L * 16 * rows;
        ObjectNode train = plan.withObject("/memory/train");
        assertThat(train.path("trained_parameters").longValue()).isEqualTo(adapter);
        assertThat(train.path("weights").longValue()).isEqualTo(134_515_008 + 4 * adapter);
        assertThat(train.path("gradients").longValue()).isEqualTo(4 * adapter);
        assertThat(train.path("optimizer").longValue()).isEqualTo(8 * adapter);
        long ofLayer = 4 * 576 + 960 + 576 + 3 * 1536;
        assertThat(train.path("activations").longValue()).isEqualTo(4L * 2048 * (30 * 576 + ofLayer));
        ModelConfig ours = PlanSubject.named("smollm2-135m", List.of()).ours().orElseThrow();
        assertThat(new ModelSize(ours, Set.of(Head.LANGUAGE), DataType.FLOAT).adapterParameters(MemoryHere.adapter(16)))
                .isEqualTo(adapter);
        assertThat(plan.at("/memory/train_here/total").longValue()).isPositive();
    }

    /** Where this program computes a model, both counts are one. */
    @Test
    void countsAreThoseOfTheEngine() {
        for (String name :
                List.of("gpt2", "llama-3.2-1b", "qwen2.5-0.5b", "qwen3-0.6b", "mixtral-8x7b", "mistral-7b")) {
            PlanSubject subject = PlanSubject.named(name, List.of());
            ModelSize size = new ModelSize(subject.ours().orElseThrow(), Set.of(Head.LANGUAGE), DataType.FLOAT);
            assertThat(size.parameters()).isEqualTo(subject.parameters().total());
            assertThat(size.activeParameters()).isEqualTo(subject.parameters().active());
            assertThat(size.adapterParameters(MemoryHere.adapter(4)))
                    .isEqualTo(Adapters.weights(subject.shape().orElseThrow(), 4));
        }
        assertThat(PlanSubject.named("gemma-2b", List.of()).ours()).isEmpty();
    }

    /** 10 FLOP/s, half of it reached, 2 devices: 10 FLOP/s. */
    @Test
    void timeEnergyAndMoneyFollowFromTheHardware() {
        Hardware hardware = Hardware.of(10e12)
                .with(2, OptionalDouble.empty(), OptionalDouble.of(0.5), OptionalDouble.of(100), OptionalDouble.of(3));
        ObjectNode plan = plan(
                "3B",
                new PlanOptions(
                        new PlanOptions.Workload(OptionalDouble.of(1e9), 1, OptionalLong.empty(), 1),
                        PlanOptions.DEFAULT.training(),
                        Optional.of(hardware),
                        Optional.empty()));
        double seconds = 6 * 3e9 * 1e9 / 10e12;
        assertThat(plan.at("/cost/seconds").asDouble()).isCloseTo(seconds, within(1e-6 * seconds));
        assertThat(plan.at("/cost/device_hours").asDouble()).isCloseTo(2 * seconds / 3600, within(1e-6));
        assertThat(plan.at("/cost/energy_kwh").asDouble()).isCloseTo(2 * seconds * 100 / 3.6e6, within(1e-6));
        assertThat(plan.at("/cost/price").asDouble()).isCloseTo(3 * 2 * seconds / 3600, within(1e-6));
    }

    /** The table of costs on paper: 135M parameters, 4 workers, 1 Gbit/s: 6.5 s of ring, 21.5 s of driver; ratio F / (B T) for 4 workers. */
    @Test
    void communicationFollowsItsFormula() {
        PlanOptions.Network network = new PlanOptions.Network(4, 1e9, 1);
        Communication of = new Communication(134_515_008, 134_515_008, 4096, network);
        assertThat(of.gradientBytes()).isEqualTo(538_060_032);
        assertThat(of.ringSeconds()).isCloseTo(6.46, within(0.01));
        assertThat(of.driverSeconds()).isCloseTo(21.5, within(0.05));
        double flops = 165e9;
        assertThat(of.ratio(flops)).isCloseTo(flops / (1e9 / 8 * 4096), within(1e-9));
        assertThat(of.tokensFor(0.9, flops)).isCloseTo(9 * flops / (1e9 / 8), within(1e-3));
        assertThat(new Communication(134_515_008, 134_515_008, of.tokensFor(0.9, flops), network).efficiency(flops))
                .isCloseTo(0.9, within(1e-9));
        Communication rarely = new Communication(134_515_008, 134_515_008, 4096, new PlanOptions.Network(4, 1e9, 100));
        assertThat(rarely.driverSeconds()).isCloseTo(0.215, within(0.0005));
    }

    @Test
    void amountsAreReadAsPeopleWriteThem() {
        assertThat(Amounts.parse("--tokens", "15.6T")).isEqualTo(15.6e12);
        assertThat(Amounts.parse("--tokens", "300e9")).isEqualTo(300e9);
        assertThat(Amounts.parse("--tokens", "2_000_000")).isEqualTo(2e6);
        assertThatThrownBy(() -> Amounts.parse("--tokens", "many"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("--tokens must be a number");
    }

    @Test
    void aFamilyAndItsSizesAreEnough() {
        PlanSubject subject = PlanSubject.named(
                "llama",
                List.of(
                        "vocab_size=32000",
                        "hidden_size=4096",
                        "intermediate_size=11008",
                        "num_hidden_layers=32",
                        "num_attention_heads=32"));
        assertThat(subject.parameters().total()).isEqualTo(6_738_415_616L);
        assertThat(PlanSubject.named("llama-2-7b", List.of("num_hidden_layers=16"))
                        .parameters()
                        .total())
                .isEqualTo(6_738_415_616L - 16 * 202_383_360L);
    }

    @Test
    void mistakesAreOneLine() {
        assertThatThrownBy(() -> PlanSubject.named("lama-2-7b", List.of()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean llama-2-7b?");
        assertThatThrownBy(() -> PlanSubject.named("llama-2-7b", List.of("num_hidden_layers=many")))
                .hasMessage("config.json: num_hidden_layers is \"many\", but must be a whole number in [1, 268435456]");
        assertThatThrownBy(() -> PlanSubject.named("llama-2-7b", List.of("layers")))
                .hasMessageContaining("must be KEY=VALUE");
        assertThatThrownBy(() -> PlanSubject.named("llama-2-7b", List.of("layers=3")))
                .hasMessageContaining("layers is no key that counts");
        assertThatThrownBy(() -> PlanSubject.named("llama", List.of())).hasMessageContaining("is a family");
        assertThatThrownBy(() -> PlanSubject.named("llama", List.of("hidden_size=4096")))
                .hasMessageContaining("is missing");
        assertThatThrownBy(() ->
                        plan("gpt2", of(new PlanOptions.Workload(OptionalDouble.empty(), 1, OptionalLong.of(2048), 1))))
                .hasMessageContaining("--length must be at most the model's context, 1024");
        assertThatThrownBy(() -> new PlanOptions.Workload(OptionalDouble.of(-1), 1, OptionalLong.empty(), 1))
                .hasMessage("--tokens must be finite and > 0, but is -1");
        assertThatThrownBy(() -> plan(
                        "3B",
                        of(new PlanOptions.Training(
                                Precision.MIXED, OptimizerKind.ADAMW, OptionalLong.of(8), Optional.empty(), false))))
                .hasMessageContaining("--adapter-r needs a model whose sizes are known");
        assertThatThrownBy(() -> Hardware.named("h10")).hasMessageContaining("did you mean h100?");
    }
}
