package dev.hindsight.engine.local;

import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker process as the coordinator sees it. Used by one thread; {@link #kill} may be called by any. Its scratch
 * directory is removed once it has ended, however it ended.
 */
final class WorkerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);

    /** A Java with Cassandra's classes starts in seconds; on a busy machine in tens of them. */
    private static final long START_SECONDS = 180;

    private static final long STOP_SECONDS = 10;
    private static final int LOG_TAIL_BYTES = 2000;

    private final String name;
    private final Process process;
    private final Path scratch;
    private final Path log;
    private final BufferedReader lines;
    private volatile boolean ready;

    private WorkerProcess(String name, Process process, Path scratch, Path log) {
        this.name = name;
        this.process = process;
        this.scratch = scratch;
        this.log = log;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @throws IOException the command cannot be run at all */
    static WorkerProcess start(String name, List<String> command, Map<String, String> environment, Path directory)
            throws IOException {
        Path scratch = directory.resolve(name);
        Path log = directory.resolve(name + ".log");
        Files.createDirectories(scratch);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().put(WorkerLoop.SCRATCH_VARIABLE, scratch.toString());
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        WorkerProcess worker = new WorkerProcess(name, builder.start(), scratch, log);
        CompletableFuture.delayedExecutor(START_SECONDS, TimeUnit.SECONDS).execute(worker::killUnlessReady);
        LOG.info("worker started worker={} pid={}", name, worker.process.pid());
        return worker;
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it can take a task; false when it has ended instead. */
    boolean awaitReady() {
        while (!ready) {
            Optional<WireMessage> message = nextMessage();
            if (message.isEmpty()) {
                return false;
            }
            ready = message.get() instanceof WireMessage.Ready;
        }
        return true;
    }

    /** Empty when the worker ended before the task did. */
    Optional<TaskResult> run(WireMessage.Run task, LongConsumer bytes) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((task.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            LOG.debug("worker takes no task worker={}", name, e);
            return Optional.empty();
        }
        while (true) {
            Optional<WireMessage> message = nextMessage();
            if (message.isEmpty()) {
                return Optional.empty();
            }
            if (message.get() instanceof WireMessage.Bytes more) {
                bytes.accept(more.bytes());
            } else if (message.get() instanceof WireMessage.Done done) {
                return Optional.of(done.result());
            }
        }
    }

    /** Empty at the end of the worker's output. */
    private Optional<WireMessage> nextMessage() {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<WireMessage> message = WireMessage.parse(line);
                if (message.isPresent()) {
                    return message;
                }
                LOG.debug("worker printed something else worker={} line={}", name, line);
            }
        } catch (IOException e) {
            LOG.debug("worker's output ended worker={}", name, e);
        }
        return Optional.empty();
    }

    private void killUnlessReady() {
        if (!ready && process.isAlive()) {
            LOG.warn("worker not ready in time, ended worker={} seconds={}", name, START_SECONDS);
            process.destroyForcibly();
        }
    }

    void kill() {
        process.destroyForcibly();
    }

    /** Lets it end by itself, for a while, then ends it; removes its scratch. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.debug("worker's input was closed worker={}", name, e);
        }
        bury();
    }

    /** After its output has ended: how it ended and what it said last. Removes its scratch. */
    String bury() {
        String status = "did not end";
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
            status = "ended with status " + process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IllegalThreadStateException e) {
            LOG.warn("worker does not end worker={} pid={}", name, process.pid());
        }
        try {
            ScratchDirectory.deleteTree(scratch);
        } catch (UncheckedIOException e) {
            LOG.warn("scratch of worker not removed directory={} problem={}", scratch, e.getMessage());
        }
        return status + logTail();
    }

    private String logTail() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(0, file.length() - LOG_TAIL_BYTES);
            byte[] tail = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "" : ", last lines of its log:\n" + text;
        } catch (IOException e) {
            return ", its log " + log + " cannot be read";
        }
    }
}
