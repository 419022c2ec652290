package io.github.rlhf4j.tracking;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.multibindings.MapBinder;

/** Binds trackers by the names that {@code report_to} has for them. */
public final class TrackerBinder {
    private final Binder binder;
    private final MapBinder<String, TrackerFactory> trackers;

    private TrackerBinder(Binder binder) {
        this.binder = binder;
        this.trackers = MapBinder.newMapBinder(binder, String.class, TrackerFactory.class);
    }

    /** The binder of trackers. */
    public static TrackerBinder trackerBinder(Binder binder) {
        return new TrackerBinder(binder);
    }

    /** {@code report_to: name} is made by that class. */
    public TrackerBinder bind(String name, Class<? extends TrackerFactory> factory) {
        binder.bind(factory).in(Scopes.SINGLETON);
        trackers.addBinding(name).to(factory);
        return this;
    }
}
