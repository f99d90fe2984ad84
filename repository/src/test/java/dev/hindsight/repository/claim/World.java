package dev.hindsight.repository.claim;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** Several machines with processes, and one time that passes only when somebody pauses. One thread. */
final class World {
    /** A process; its heartbeats stop while it stands still. */
    final class Process implements Machine, Timing {
        private record Task(Duration period, Runnable body) {}

        private final String host;
        private final long id;
        private final Set<String> writers = new HashSet<>();
        private final List<Task> tasks = new ArrayList<>();
        boolean stalled;
        boolean dead;
        /** So many requests that are begun from now on get no answer. */
        int hanging;

        /** How often somebody waited for what runs to stop. */
        int stops;
        /** Hearts that were not told to stop when somebody waited for that last. */
        int waitedForInVain;

        private final List<Runnable> hung = new ArrayList<>();

        private Process(String host, long id) {
            this.host = host;
            this.id = id;
        }

        @Override
        public String host() {
            return host;
        }

        @Override
        public String boot() {
            return "boot-of-" + host;
        }

        @Override
        public long processId() {
            return id;
        }

        @Override
        public long processStart() {
            return 1;
        }

        @Override
        public void begin(String writer) {
            writers.add(writer);
        }

        @Override
        public void finish(String writer) {
            writers.remove(writer);
        }

        @Override
        public boolean isGone(CatalogueEntry entry) {
            Claim claim = entry.claim().orElseThrow();
            return claim.boot().equals(boot())
                    && processes.stream()
                            .filter(one -> one.boot().equals(boot()) && one.id == claim.processId())
                            .allMatch(one -> one.dead || (one == this && !writers.contains(entry.writer())));
        }

        @Override
        public void pause(Duration howLong) {
            World.this.pass(howLong);
        }

        @Override
        public Running every(Duration period, String name, Runnable task) {
            Task added = new Task(period, task);
            tasks.add(added);
            return () -> tasks.remove(added);
        }

        @Override
        public Running once(String name, Runnable task) {
            if (hanging > 0) {
                hanging--;
                hung.add(task);
            } else {
                task.run();
            }
            return () -> {};
        }

        @Override
        public void stop(List<Running> all) {
            stops++;
            waitedForInVain = tasks.size();
            all.forEach(Running::stop);
        }

        int hung() {
            return hung.size();
        }

        /** What hung arrives after all. */
        void arriveLate() {
            List<Runnable> late = List.copyOf(hung);
            hung.clear();
            late.forEach(Runnable::run);
        }

        void beat() {
            if (!stalled && !dead) {
                List.copyOf(tasks).forEach(task -> task.body().run());
            }
        }
    }

    private final List<Process> processes = new ArrayList<>();
    private final NavigableMap<Long, Runnable> later = new TreeMap<>();
    private long seconds;

    Process process(String host, long id) {
        Process made = new Process(host, id);
        processes.add(made);
        return made;
    }

    void pass(Duration howLong) {
        for (long i = 0; i < howLong.toSeconds(); i++) {
            seconds++;
            later.headMap(seconds, true).values().forEach(Runnable::run);
            later.headMap(seconds, true).clear();
            if (seconds % Watch.BEAT.toSeconds() == 0) {
                processes.forEach(Process::beat);
            }
        }
    }

    /** One thing for each second. */
    void at(long second, Runnable what) {
        later.put(second, what);
    }

    long seconds() {
        return seconds;
    }
}
