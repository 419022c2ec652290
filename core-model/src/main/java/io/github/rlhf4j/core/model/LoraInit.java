package io.github.rlhf4j.core.model;

import java.util.Locale;

/** How A and B begin, with the names of peft's {@code init_lora_weights}. */
public enum LoraInit {
    /** A uniform within 1 / sqrt(inputs), B zero. */
    TRUE,
    /** A normal with standard deviation 1 / r, B zero. */
    GAUSSIAN,
    /** From the first r singular values and vectors of the weight (Meng et al. 2024, PiSSA, arXiv:2404.02948); the model begins unchanged. */
    PISSA,
    /** From the first r columns of Q and rows of R of the weight's QR decomposition (Buyukakyuz 2024, OLoRA, arXiv:2406.01775); the model begins unchanged. */
    OLORA;

    /** Whether B A begins as a part of the weight, which is taken off it. */
    boolean isPartOfTheWeight() {
        return this == PISSA || this == OLORA;
    }

    /** In adapter_config.json and run files. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
