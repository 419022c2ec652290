package io.github.rlhf4j.pipeline.cli;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.train.StageBinder;

/** A user's module, found on the class path: the stage {@code toy}. */
public final class ToyModule extends AbstractModule {
    @Override
    protected void configure() {
        StageBinder.stageBinder(binder()).bind("toy", ToyStage.class);
    }
}
