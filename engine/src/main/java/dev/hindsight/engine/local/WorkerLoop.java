package dev.hindsight.engine.local;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.task.ShardTaskRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker process does: takes tasks from its standard input, one after the other, and says on its standard output
 * how it gets on. Nothing else may be printed there.
 *
 * <p>The end of the input means that the coordinator is done or dead: {@link #run} returns at once, also from within a
 * task, whose thread is a daemon so that the process can end. The worker's scratch is the directory that the environment
 * variable {@link #SCRATCH_VARIABLE} names, if there is one; the coordinator deletes it, but a worker that is left alone
 * tries to.
 */
public final class WorkerLoop {
    public static final String SCRATCH_VARIABLE = "HINDSIGHT_WORKER_SCRATCH";

    private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);
    private static final long PROGRESS_EVERY_NANOS = 200_000_000;

    private final Lines out;
    private final BlockingQueue<Optional<WireMessage.Run>> tasks = new LinkedBlockingQueue<>();

    private WorkerLoop(OutputStream out) {
        this.out = new Lines(out);
    }

    /** Returns when {@code in} ends. */
    public static void run(InputStream in, OutputStream out, Supplier<TaskContext> context) {
        new WorkerLoop(out).run(in, context);
    }

    private void run(InputStream in, Supplier<TaskContext> contexts) {
        TaskContext context = withOwnScratch(contexts.get());
        Thread worker = new Thread(() -> work(context), "shard-tasks");
        worker.setDaemon(true);
        worker.start();
        out.print(new WireMessage.Ready(ProcessHandle.current().pid()));
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (WireMessage.parse(line).orElse(null) instanceof WireMessage.Run run) {
                    tasks.add(Optional.of(run));
                } else {
                    LOG.warn("line from the coordinator not understood line={}", line);
                }
            }
        } catch (IOException e) {
            LOG.debug("standard input ended", e);
        }
        out.close();
        tasks.clear();
        tasks.add(Optional.empty());
        worker.interrupt();
        try {
            ScratchDirectory.deleteTree(context.scratch());
        } catch (UncheckedIOException e) {
            LOG.debug("scratch still in use directory={}", context.scratch(), e);
        }
    }

    private static TaskContext withOwnScratch(TaskContext context) {
        String own = System.getenv(SCRATCH_VARIABLE);
        return own == null
                ? context
                : new TaskContext(
                        context.store(), context.agents(), context.synthesiser(), Path.of(own), context.clock());
    }

    private void work(TaskContext context) {
        try (ShardTaskRunner runner = new ShardTaskRunner(context)) {
            while (true) {
                Optional<WireMessage.Run> next = tasks.take();
                if (next.isEmpty()) {
                    return;
                }
                ThrottledBytes progress = new ThrottledBytes(out);
                TaskResult result = runner.run(next.get().task(), progress);
                progress.flush();
                out.print(new WireMessage.Done(result));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whole lines, flushed; nothing any more once closed. */
    private static final class Lines {
        private final OutputStream out;
        private boolean closed;

        Lines(OutputStream out) {
            this.out = out;
        }

        synchronized void print(WireMessage message) {
            if (closed) {
                return;
            }
            try {
                out.write((message.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            } catch (IOException e) {
                LOG.debug("standard output ended", e);
                closed = true;
            }
        }

        synchronized void close() {
            closed = true;
        }
    }

    private static final class ThrottledBytes implements EngineProgress {
        private final Lines out;
        private long pending;
        private long lastNanos = System.nanoTime();

        ThrottledBytes(Lines out) {
            this.out = out;
        }

        @Override
        public synchronized void bytes(long moreBytes) {
            pending += moreBytes;
            if (System.nanoTime() - lastNanos >= PROGRESS_EVERY_NANOS) {
                flush();
            }
        }

        synchronized void flush() {
            if (pending > 0) {
                out.print(new WireMessage.Bytes(pending));
                pending = 0;
            }
            lastNanos = System.nanoTime();
        }
    }
}
