package dev.hindsight.testkit.chain;

import dev.hindsight.repository.claim.Machine;
import dev.hindsight.repository.claim.Timing;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A machine of its own, on which no time passes and hearts beat when told to. */
final class TestHost implements Machine, Timing {
    private final String name;
    private final Set<String> writers = new HashSet<>();
    private final List<Runnable> hearts = new CopyOnWriteArrayList<>();
    private Runnable whenWatching = () -> {};

    TestHost(String name) {
        this.name = name;
    }

    /** Runs whenever somebody on this machine waits for a sign of life. */
    void whenWatching(Runnable action) {
        whenWatching = action;
    }

    @Override
    public String host() {
        return name;
    }

    @Override
    public String boot() {
        return "boot of " + name;
    }

    @Override
    public long processId() {
        return 4711;
    }

    @Override
    public long processStart() {
        return 1;
    }

    @Override
    public synchronized void begin(String writer) {
        writers.add(writer);
    }

    @Override
    public synchronized void finish(String writer) {
        writers.remove(writer);
    }

    @Override
    public synchronized boolean isGone(CatalogueEntry entry) {
        return entry.claim().filter(claim -> claim.boot().equals(boot())).isPresent()
                && !writers.contains(entry.writer());
    }

    @Override
    public void pause(Duration howLong) {
        whenWatching.run();
    }

    @Override
    public Running every(Duration period, String name, Runnable task) {
        hearts.add(task);
        return () -> hearts.remove(task);
    }

    @Override
    public Running once(String name, Runnable task) {
        task.run();
        return () -> {};
    }

    /** Every claim held on this machine shows a sign of life. */
    void beat() {
        hearts.forEach(Runnable::run);
    }
}
