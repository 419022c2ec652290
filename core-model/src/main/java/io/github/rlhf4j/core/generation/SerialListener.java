package io.github.rlhf4j.core.generation;

/** A listener that several threads tell, one after the other. */
final class SerialListener implements GenerationListener {
    private final GenerationListener listener;

    SerialListener(GenerationListener listener) {
        this.listener = listener;
    }

    @Override
    public synchronized void onToken(int request, int sample, int index, int id) {
        listener.onToken(request, sample, index, id);
    }

    @Override
    public synchronized void onFinished(Generated generated) {
        listener.onFinished(generated);
    }
}
