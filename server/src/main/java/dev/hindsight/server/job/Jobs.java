package dev.hindsight.server.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.server.document.DocumentTree;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs: those that run, those that wait, and the history of those that are over, bounded in number and age. Backups and
 * protections run one after the other, since a cluster has one backup at a time; restores have a lane of their own, and in it
 * those of one place run one after the other.
 *
 * <p>Thread-safe. What was not over when the process died is {@link Job.State#CUT} at the next start.
 */
public final class Jobs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final int RESTORES_AT_ONCE = 2;
    private static final int MOST_WAITING = 64;
    private static final int MOST_REMEMBERED = 500;
    private static final Duration REMEMBERED = Duration.ofDays(30);

    /** What a job does. */
    public interface Work extends Function<ProgressListener, Record> {}

    /**
     * A job to begin.
     *
     * @param key jobs of one kind and key are one: see {@link #submit}
     * @param place of which no two jobs may run at once: they do in the order in which they were submitted
     */
    public record Order(
            Job.Kind kind,
            Optional<String> key,
            JsonNode request,
            Optional<String> reason,
            Optional<String> place,
            Work work) {}

    private final Clock clock;
    private final BackupIds ids;
    private final JobFiles files;
    private final Consumer<Job> ended;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Map<String, JobProgress> running = new LinkedHashMap<>();
    /** By place of a job that runs or is about to: those that wait for it, without a thread. */
    private final Map<String, Queue<Runnable>> behind = new HashMap<>();

    private final ExecutorService bases;
    private final ExecutorService restores;
    private boolean ending;

    /**
     * @param state directory of this service alone
     * @param ended told of each job that is over; must be quick
     */
    public Jobs(Path state, Clock clock, RandomGenerator random, Consumer<Job> ended) {
        this.clock = clock;
        this.ids = new BackupIds(clock, random);
        this.ended = ended;
        this.files = JobFiles.open(state);
        this.bases = lane("bases", 1);
        this.restores = lane("restores", RESTORES_AT_ONCE);
        files.load().stream().sorted(Comparator.comparing(Job::createdAt)).forEach(this::remember);
    }

    private static ExecutorService lane(String name, int threads) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void remember(Job stored) {
        Job job = stored;
        if (!stored.state().over()) {
            job = stored.cut(clock.instant());
            files.save(job);
            LOG.info(
                    "job was cut job={} kind={} phase={}",
                    job.id(),
                    job.kind(),
                    job.progress().phase());
        }
        jobs.put(job.id(), job);
    }

    /**
     * Begins a job, or gives the one of the same key: as it is while it waits, runs or is done; begun again, under its id,
     * when it failed or was cut.
     *
     * @throws BusyException too many wait, the service is ending, or the key is another request's
     */
    public synchronized Job submit(Order order) {
        if (ending) {
            throw new BusyException("the service is ending", "ask again once it runs");
        }
        Optional<Job> same = order.key().flatMap(key -> find(order.kind(), key));
        if (same.isPresent() && !same.get().request().equals(order.request())) {
            throw new BusyException(
                    "the idempotency key is that of job " + same.get().id() + ", whose request was another",
                    "use a new key for a new request");
        }
        if (same.isPresent()
                && same.get().state() != Job.State.FAILED
                && same.get().state() != Job.State.CUT) {
            return same.get();
        }
        if (jobs.values().stream()
                        .filter(job -> job.state() == Job.State.QUEUED)
                        .count()
                >= MOST_WAITING) {
            throw new BusyException(MOST_WAITING + " jobs are waiting", "ask again when some are done");
        }
        Job job = same.map(Job::again)
                .orElseGet(() -> new Job(
                        newId(),
                        order.kind(),
                        Job.State.QUEUED,
                        1,
                        order.key(),
                        order.request(),
                        order.reason(),
                        clock.instant(),
                        Optional.empty(),
                        Optional.empty(),
                        Job.Progress.NONE,
                        Optional.empty(),
                        Optional.empty()));
        put(job);
        prune();
        LOG.info(
                "job queued job={} kind={} attempt={} reason={}",
                job.id(),
                job.kind(),
                job.attempt(),
                job.reason().orElse("asked for"));
        Executor lane = job.kind() == Job.Kind.RESTORE ? restores : bases;
        order.place()
                .ifPresentOrElse(
                        place -> inTurn(lane, place, () -> run(job, order.work())),
                        () -> lane.execute(() -> run(job, order.work())));
        return job;
    }

    private synchronized void inTurn(Executor lane, String place, Runnable run) {
        Runnable turn = () -> {
            try {
                run.run();
            } finally {
                next(lane, place);
            }
        };
        Queue<Runnable> waiting = behind.get(place);
        if (waiting == null) {
            behind.put(place, new ArrayDeque<>());
            lane.execute(turn);
        } else {
            waiting.add(turn);
        }
    }

    /** A lane that is shut down takes none any more: what waits then is cut. */
    private synchronized void next(Executor lane, String place) {
        Runnable turn =
                ending ? null : behind.getOrDefault(place, new ArrayDeque<>()).poll();
        if (turn == null) {
            behind.remove(place);
        } else {
            lane.execute(turn);
        }
    }

    /** The newest one of that kind and key. */
    public synchronized Optional<Job> find(Job.Kind kind, String key) {
        return jobs.values().stream()
                .filter(job -> job.kind() == kind && job.key().equals(Optional.of(key)))
                .reduce((older, newer) -> newer)
                .map(this::current);
    }

    /** @throws NotFoundException there is none, or it is too long ago */
    public synchronized Job load(String id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw new NotFoundException(
                    "there is no job '" + id + "'",
                    "jobs are remembered for " + REMEMBERED.toDays() + " days, and the newest " + MOST_REMEMBERED
                            + " of them");
        }
        return current(job);
    }

    /** The newest first. */
    public synchronized List<Job> all() {
        return jobs.values().stream()
                .sorted(Comparator.comparing(Job::createdAt).reversed())
                .map(this::current)
                .toList();
    }

    private Job current(Job job) {
        JobProgress progress = running.get(job.id());
        return progress == null ? job : job.with(progress.now());
    }

    private void run(Job queued, Work work) {
        JobProgress progress = new JobProgress();
        if (!start(queued, progress)) {
            return;
        }
        LOG.info("job started job={} kind={} attempt={}", queued.id(), queued.kind(), queued.attempt());
        try {
            Record made = work.apply(progress);
            end(queued.id(), Job.State.DONE, progress, Optional.of(DocumentTree.of(made)), Optional.empty());
        } catch (HindsightException e) {
            end(queued.id(), Job.State.FAILED, progress, Optional.empty(), Optional.of(Problem.of(e)));
        } catch (RuntimeException e) {
            LOG.error("job failed unexpectedly job={}", queued.id(), e);
            end(queued.id(), Job.State.FAILED, progress, Optional.empty(), Optional.of(Problem.unexpected(e)));
        } catch (Error e) {
            // Its thread may not live on, but nobody must wait for the job for ever.
            LOG.error("job failed unexpectedly job={}", queued.id(), e);
            end(queued.id(), Job.State.FAILED, progress, Optional.empty(), Optional.of(Problem.unexpected(e)));
            throw e;
        }
    }

    private synchronized boolean start(Job queued, JobProgress progress) {
        if (ending) {
            return false;
        }
        running.put(queued.id(), progress);
        put(queued.started(clock.instant()));
        return true;
    }

    private void end(
            String id, Job.State how, JobProgress progress, Optional<JsonNode> made, Optional<Problem> problem) {
        Job over;
        synchronized (this) {
            Job job = jobs.get(id);
            if (job == null || job.state() != Job.State.RUNNING) {
                return;
            }
            // What fails while the service ends was cut by that.
            over = how == Job.State.FAILED && ending
                    ? job.with(progress.now()).cut(clock.instant())
                    : job.ended(how, clock.instant(), progress.now(), made, problem);
            running.remove(id);
            put(over);
        }
        LOG.info(
                "job ended job={} kind={} state={} problem={}",
                over.id(),
                over.kind(),
                over.state(),
                over.problem()
                        .map(failure -> failure.type() + ": " + failure.message())
                        .orElse("none"));
        ended.accept(over);
    }

    private String newId() {
        String id = "job-" + ids.next();
        while (jobs.containsKey(id)) {
            id = "job-" + ids.next();
        }
        return id;
    }

    private void put(Job job) {
        jobs.put(job.id(), job);
        files.save(job);
    }

    private void prune() {
        Instant oldest = clock.instant().minus(REMEMBERED);
        List<Job> over = jobs.values().stream()
                .filter(job -> job.state().over())
                .sorted(Comparator.comparing(Job::createdAt).reversed())
                .toList();
        for (int i = 0; i < over.size(); i++) {
            if (i >= MOST_REMEMBERED
                    || over.get(i).endedAt().map(oldest::isAfter).orElse(false)) {
                jobs.remove(over.get(i).id());
                files.forget(over.get(i));
            }
        }
    }

    /** Begins no more, and waits for those that run. True when none runs any more. */
    public boolean drain(Duration patience) {
        synchronized (this) {
            ending = true;
        }
        bases.shutdown();
        restores.shutdown();
        try {
            Instant deadline = clock.instant().plus(patience);
            return bases.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)
                    && restores.awaitTermination(
                            Math.max(
                                    1,
                                    Duration.between(clock.instant(), deadline).toMillis()),
                            TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Notes what is not over as cut, and lets go of the state directory. */
    @Override
    public void close() {
        drain(Duration.ZERO);
        synchronized (this) {
            for (Job job : List.copyOf(jobs.values())) {
                if (!job.state().over()) {
                    put(current(job).cut(clock.instant()));
                }
            }
            running.clear();
        }
        files.close();
    }
}
