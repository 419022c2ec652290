package io.github.rlhf4j.tracking;

import static io.github.rlhf4j.tracking.TrackerBinder.trackerBinder;

import com.google.inject.AbstractModule;

/**
 * The trackers that come with the program.
 *
 * <p>Needs: nothing. Provides: factories by name. Extended by: {@link TrackerBinder}.
 */
public final class TrackingModule extends AbstractModule {
    @Override
    protected void configure() {
        trackerBinder(binder())
                .bind("csv", CsvTracker.Factory.class)
                .bind("mlflow", MlflowTracker.Factory.class)
                .bind("prometheus", PrometheusTracker.Factory.class)
                .bind("tensorboard", TensorBoardTracker.Factory.class);
    }
}
