package dev.hindsight.server.job;

import dev.hindsight.operations.ProgressListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Keeps how far a running job is, for whoever asks. Thread-safe. */
final class JobProgress implements ProgressListener {
    private static final int MOST_NOTES = 50;

    private final Deque<String> notes = new ArrayDeque<>();
    private String phase = "";
    private long done;
    private long total;

    @Override
    public synchronized void phase(String name, long totalBytes) {
        phase = name;
        total = totalBytes;
        done = 0;
    }

    @Override
    public synchronized void advance(long moreBytes) {
        done += moreBytes;
    }

    @Override
    public synchronized void note(String text) {
        if (notes.size() == MOST_NOTES) {
            notes.removeFirst();
        }
        notes.addLast(text);
    }

    synchronized Job.Progress now() {
        return new Job.Progress(phase, done, total, List.copyOf(notes));
    }
}
