package dev.hindsight.server;

import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.HttpListener;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.journal.SealPace;
import dev.hindsight.server.api.ApiHandler;
import dev.hindsight.server.api.HealthCall;
import dev.hindsight.server.api.RestoreCalls;
import dev.hindsight.server.api.Routes;
import dev.hindsight.server.api.TableCalls;
import dev.hindsight.server.base.BaseLoop;
import dev.hindsight.server.job.Jobs;
import dev.hindsight.server.metrics.ServiceMetrics;
import dev.hindsight.server.seal.CompletionLoop;
import dev.hindsight.server.seal.MergeLoop;
import dev.hindsight.server.seal.SealLoop;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running service. Starting it does not need repository or cluster to be reachable: it says that it is not ready until
 * they are.
 *
 * <p>Closing it, from any thread, begins no more work, waits for half of the grace for jobs to end, ends the others (their
 * claims are released; they are {@code cut} and can be gone on with), and stops listening last.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final Duration MOST_BACK_OFF = Duration.ofMinutes(1);
    private static final String SEAL = "seal";

    /** One turn of a loop. */
    private interface Round {
        void run();
    }

    private final ServeSettings settings;
    private final Backend backend;
    private final ServiceMetrics metrics;
    private final Jobs jobs;
    private final SealLoop sealing;
    private final MergeLoop merging;
    private final CompletionLoop completing;
    private final BaseLoop bases;
    private final HttpListener listener;
    private final List<Thread> loops;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Of each loop whose last round failed, or that had none yet. */
    private final Map<String, String> problems = new ConcurrentHashMap<>(Map.of(SEAL, "starting"));

    private Service(ServeSettings settings, Backend backend, Clock clock, RandomGenerator random) {
        this.settings = settings;
        this.backend = backend;
        Watched watched = new Watched();
        this.metrics = new ServiceMetrics(watched, clock);
        this.jobs = new Jobs(settings.state(), clock, random, metrics::ended);
        this.sealing = new SealLoop(
                backend, new SealPace(settings.sealInterval(), settings.idleInterval()), watched, metrics, clock);
        this.merging = new MergeLoop(backend, watched, metrics);
        this.completing = new CompletionLoop(backend, watched, metrics, clock);
        this.bases = new BaseLoop(backend, settings.bases(), jobs, watched, metrics, clock);
        Routes routes = new Routes(
                new TableCalls(backend, jobs, watched, clock),
                new RestoreCalls(backend, jobs, clock),
                new HealthCall(this::problem),
                metrics);
        this.listener = ApiHandler.listener(settings.listen(), new BearerTokens<>(settings.tokens()), routes, metrics);
        this.loops = List.of(
                loop(SEAL, settings.sealInterval(), sealing::round),
                loop("merge", settings.windowInterval(), merging::round),
                loop("complete", settings.windowInterval(), completing::round),
                loop("bases", settings.windowInterval(), () -> bases.round(settings.windowInterval())));
    }

    /**
     * Takes over the backend, which is closed with the service, also when this fails.
     *
     * @throws dev.hindsight.model.failure.BusyException another service uses the state directory
     * @throws dev.hindsight.model.failure.PreconditionFailedException the address is taken
     */
    public static Service start(ServeSettings settings, Backend backend, Clock clock, RandomGenerator random) {
        Service made;
        try {
            made = new Service(settings, backend, clock, random);
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
        try {
            made.listener.start();
        } catch (RuntimeException e) {
            made.jobs.close();
            backend.close();
            throw e;
        }
        made.loops.forEach(Thread::start);
        LOG.info(
                "service started address={} repository={} sealInterval={} bases={}",
                made.address(),
                backend.location(),
                settings.sealInterval(),
                settings.bases());
        return made;
    }

    /** Why it is not ready. */
    private Optional<String> problem() {
        if (isEnding()) {
            return Optional.of("ending");
        }
        for (Thread loop : loops) {
            if (!loop.isAlive()) {
                return Optional.of("loop " + loop.getName() + " does not run");
            }
        }
        return problems.values().stream().sorted().findFirst();
    }

    private void ready(String loop) {
        if (problems.remove(loop) != null && problems.isEmpty() && !isEnding()) {
            LOG.info("service ready");
        }
    }

    /** Runs rounds until the service ends; the repository being away makes them rarer, not the log longer. */
    private Thread loop(String name, Duration interval, Round round) {
        Thread thread = new Thread(
                () -> {
                    Duration wait = interval;
                    do {
                        wait = turn(name, round) ? interval : longer(wait, interval);
                    } while (!isEnding(wait));
                },
                name);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether the round went well; of rounds that fail in a row the first is told. */
    private boolean turn(String name, Round round) {
        try {
            round.run();
            failing.remove(name);
            ready(name);
            return true;
        } catch (HindsightException e) {
            metrics.error(name, e);
            if (failing.add(name) && !isEnding()) {
                LOG.warn("round failed loop={} message={} hint={}", name, e.getMessage(), e.hint());
            }
            problems.put(name, "the repository or the agents cannot be reached");
        } catch (RuntimeException e) {
            unexpected(name, e);
        } catch (Error e) {
            // A loop that ended silently would be worse than one that tries again; of memory the JVM's flags take care.
            unexpected(name, e);
        }
        return false;
    }

    private void unexpected(String name, Throwable failure) {
        metrics.unexpected(name);
        // Its connections are closed under a round that still runs when the service ends.
        if (failing.add(name) && !isEnding()) {
            LOG.error("round failed unexpectedly loop={}", name, failure);
        }
        problems.put(name, "loop " + name + " failed unexpectedly");
    }

    private boolean isEnding() {
        return ending.getCount() == 0;
    }

    private static Duration longer(Duration wait, Duration interval) {
        Duration next = wait.multipliedBy(2);
        Duration most = interval.compareTo(MOST_BACK_OFF) > 0 ? interval : MOST_BACK_OFF;
        return next.compareTo(most) > 0 ? most : next;
    }

    private boolean isEnding(Duration patience) {
        try {
            return ending.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Where it listens. */
    public URI address() {
        return settings.listen().at(listener.port());
    }

    /** Waits until it has ended. */
    public void join() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        synchronized (ending) {
            if (isEnding()) {
                return;
            }
            ending.countDown();
        }
        LOG.info("service ends grace={}", settings.grace());
        long deadline = System.nanoTime() + settings.grace().toNanos();
        try {
            sealing.end();
            merging.end();
            completing.end();
            bases.end();
            boolean drained = jobs.drain(settings.grace().dividedBy(2));
            if (!drained) {
                LOG.info("service cuts jobs that still run");
            }
            quietly("backend", backend);
            boolean quiet = jobs.drain(until(deadline));
            awaitLoops(deadline);
            LOG.info("service ended jobsCut={}", !quiet || !drained);
        } finally {
            quietly("jobs", jobs);
            quietly("listener", listener);
            ended.countDown();
        }
    }

    private static Duration until(long deadline) {
        return Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    }

    /** One part that does not close keeps no other from it. */
    private static void quietly(String what, AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warn("part of the service not closed part={}", what, e);
        }
    }

    private void awaitLoops(long deadline) {
        try {
            for (Thread loop : loops) {
                loop.join(until(deadline).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
