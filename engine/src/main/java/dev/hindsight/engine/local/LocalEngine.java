package dev.hindsight.engine.local;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardEngine;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.local.Dispatch.Work;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks in worker processes of this machine, each with one task at a time. Workers start with the first run and
 * stay until {@link #close}.
 *
 * <p>Tasks are handed out in the order given, so give the biggest first. A worker whose output ends is dead: its task
 * goes to the next free worker, a new process takes its place at most {@link #MAX_RESTARTS} times, and a task that ended
 * {@link Dispatch#MAX_DEATHS} workers fails. Workers end when their standard input does, so also when this process is
 * killed. Everything of a run in scratch is below one directory that {@link #close} removes; what a killed coordinator
 * left is removed by the next one.
 *
 * <p>{@link #run} is for one thread at a time; {@link #close} may be called from another to break it off.
 */
public final class LocalEngine implements ShardEngine {
    /** How often one worker is replaced in the life of an engine. */
    static final int MAX_RESTARTS = 5;

    /**
     * For tests of a whole run: what {@code HINDSIGHT_FAILPOINTS} is for the very first worker process and no other, so
     * that one worker is cut and another does its work.
     */
    public static final String FIRST_WORKER_FAILPOINTS = "HINDSIGHT_FIRST_WORKER_FAILPOINTS";

    private static final Logger LOG = LoggerFactory.getLogger(LocalEngine.class);

    private final List<String> workerCommand;
    private final Map<String, String> environment;
    private final RunDirectory directory;
    private final List<Slot> slots = new ArrayList<>();
    private volatile boolean closed;

    /**
     * @param workerCommand starts a process whose main calls {@link WorkerLoop#run}; see {@link WorkerCommand}
     * @param scratch may be shared with other runs
     */
    public LocalEngine(List<String> workerCommand, int workers, Path scratch) {
        this(workerCommand, workers, scratch, Map.of());
    }

    /** @param environment for the workers, besides this process's own */
    public LocalEngine(List<String> workerCommand, int workers, Path scratch, Map<String, String> environment) {
        if (workers < 1) {
            throw new IllegalArgumentException("at least one worker is needed, not " + workers);
        }
        this.workerCommand = List.copyOf(workerCommand);
        this.environment = Map.copyOf(environment);
        this.directory = RunDirectory.create(scratch.toAbsolutePath());
        for (int i = 1; i <= workers; i++) {
            slots.add(new Slot(i));
        }
    }

    @Override
    public List<TaskResult> run(List<ShardTask> tasks, EngineProgress progress) {
        List<Slot> used = slots.subList(0, Math.min(slots.size(), tasks.size()));
        Dispatch dispatch = new Dispatch(tasks, used.size(), progress);
        if (tasks.isEmpty()) {
            return List.of();
        }
        ExecutorService threads = Executors.newFixedThreadPool(used.size(), job -> {
            Thread thread = new Thread(job, "worker-dispatch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> running = new ArrayList<>();
            used.forEach(slot -> running.add(threads.submit(() -> slot.work(dispatch, progress))));
            for (Future<?> one : running) {
                one.get();
            }
            return dispatch.results();
        } catch (InterruptedException e) {
            slots.forEach(Slot::kill);
            Thread.currentThread().interrupt();
            throw new NotAppliedException("the run was interrupted", "run the same command again", e);
        } catch (ExecutionException e) {
            slots.forEach(Slot::kill);
            throw new IllegalStateException("the dispatch of tasks failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Process ids of the live workers, for diagnosis and tests. */
    public List<Long> workerPids() {
        return slots.stream().flatMap(slot -> slot.pid().stream()).toList();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        slots.forEach(Slot::stop);
        directory.close();
    }

    /** The place of one worker: at most one live process at a time. Its work is done by one thread. */
    private final class Slot {
        private final int number;
        private volatile Optional<WorkerProcess> current = Optional.empty();
        private int starts;
        private String lastDetail = "";

        Slot(int number) {
            this.number = number;
        }

        void work(Dispatch dispatch, EngineProgress progress) {
            try {
                while (!dispatch.finished()) {
                    Optional<WorkerProcess> worker = ready(progress);
                    if (worker.isEmpty()) {
                        dispatch.slotGone("worker " + number + " cannot be started: " + lastDetail);
                        return;
                    }
                    Optional<Work> next = dispatch.next();
                    if (next.isEmpty()) {
                        return;
                    }
                    runOn(worker.get(), next.get(), dispatch, progress);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void runOn(WorkerProcess worker, Work work, Dispatch dispatch, EngineProgress progress) {
            Optional<TaskResult> result =
                    worker.run(new WireMessage.Run(work.task()), more -> progress.bytes(work.newBytes(more)));
            if (result.isPresent()) {
                dispatch.done(work, result.get());
            } else {
                dispatch.died(work, worker.name(), lost(worker, progress));
            }
        }

        /** A worker that can take a task, started anew as often as allowed; empty when that is used up. */
        private Optional<WorkerProcess> ready(EngineProgress progress) {
            if (current.isPresent() && current.get().isAlive()) {
                return current;
            }
            current.ifPresent(dead -> lost(dead, progress));
            while (!closed && starts <= MAX_RESTARTS) {
                String name = "worker-" + number + "-" + ++starts;
                try {
                    WorkerProcess worker = WorkerProcess.start(name, workerCommand, environment(), directory.path());
                    current = Optional.of(worker);
                    if (worker.awaitReady()) {
                        return current;
                    }
                    lost(worker, progress);
                } catch (IOException e) {
                    lastDetail = name + ": " + e.getMessage();
                    LOG.error("worker cannot be started worker={} command={}", name, workerCommand.get(0), e);
                    return Optional.empty();
                }
            }
            return Optional.empty();
        }

        private Map<String, String> environment() {
            Map<String, String> all = new HashMap<>(environment);
            String own = environment.getOrDefault(FIRST_WORKER_FAILPOINTS, System.getenv(FIRST_WORKER_FAILPOINTS));
            if (own != null && number == 1 && starts == 1) {
                all.put("HINDSIGHT_FAILPOINTS", own);
            }
            return all;
        }

        private String lost(WorkerProcess worker, EngineProgress progress) {
            current = Optional.empty();
            String detail = worker.bury();
            lastDetail = worker.name() + ": " + detail;
            if (!closed) {
                LOG.warn("worker lost worker={} pid={} detail={}", worker.name(), worker.pid(), detail);
                progress.workerLost(worker.name(), detail);
            }
            return detail;
        }

        Optional<Long> pid() {
            return current.filter(WorkerProcess::isAlive).map(WorkerProcess::pid);
        }

        void kill() {
            current.ifPresent(WorkerProcess::kill);
        }

        void stop() {
            current.ifPresent(WorkerProcess::stop);
            current = Optional.empty();
        }
    }
}
