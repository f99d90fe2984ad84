package dev.hindsight.lab;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A process that never outlives its parent: a node, an agent, a worker, a store's server.
 *
 * <p>Its output goes to a file, whose end is part of every failure message. It is ended by {@link #close()}, by a
 * shutdown hook when this JVM ends, and by a watchdog when this JVM is killed: a shell that keeps reading the child's
 * stdin pipe, whose other end only this JVM holds, and kills the child at end of file. The shell replaces itself by
 * the command, so {@link #pid()} is the command's own. Safe for use by several threads.
 */
public final class ChildProcess implements AutoCloseable {
    // $1 = directory to remove after an orphan's death or empty; the parent's number in /proc/self/stat guards against
    // a reused pid, and tells when the killed process is gone. A line on stdin means that the parent does the killing.
    private static final String WATCHDOG = "exec 3<&0; dir=$1; shift; "
            + "( parent() { read -r _ _ _ ppid _ </proc/self/stat; [ \"$ppid\" = $$ ]; }; "
            + "read -r _ <&3 && exit 0; parent || exit 0; kill -9 $$; while parent; do :; done; "
            + "if [ -n \"$dir\" ]; then rm -rf \"$dir\" || rm -rf \"$dir\"; rmdir \"${dir%/*}\" 2>/dev/null; fi "
            + ") >/dev/null 2>&1 & exec \"$@\" </dev/null 3<&-";

    private static final Set<ChildProcess> LIVING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVING.forEach(ChildProcess::kill), "end-children"));
    }

    private final String name;
    private final Process process;
    private final Path output;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        LIVING.add(this);
        process.onExit().thenRun(() -> LIVING.remove(this));
    }

    /**
     * @param name for messages
     * @param output receives stdout, and stderr if that is not sent elsewhere; appended to
     */
    public static Builder builder(String name, Path output, List<String> command) {
        return new Builder(name, output, command);
    }

    /** This JVM's {@code java}. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public static final class Builder {
        private final String name;
        private final Path output;
        private final List<String> command;
        private final Map<String, String> environment = new TreeMap<>();
        private @Nullable Path errors;
        private @Nullable Path directory;
        private @Nullable Path orphanDirectory;

        private Builder(String name, Path output, List<String> command) {
            this.name = name;
            this.output = output;
            this.command = List.copyOf(command);
        }

        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** Sends stderr to its own file. */
        public Builder errors(Path file) {
            errors = file;
            return this;
        }

        public Builder directory(Path workingDirectory) {
            directory = workingDirectory;
            return this;
        }

        /** Removed by the watchdog when the parent was killed, then its parent directory if that is empty. */
        public Builder removeIfOrphaned(Path path) {
            orphanDirectory = path;
            return this;
        }

        public ChildProcess start() {
            List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", WATCHDOG, "watchdog"));
            all.add(orphanDirectory == null ? "" : orphanDirectory.toString());
            all.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(all);
            builder.environment().putAll(environment);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
            if (errors == null) {
                builder.redirectErrorStream(true);
            } else {
                builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
            }
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            try {
                return new ChildProcess(name, builder.start(), output);
            } catch (IOException e) {
                throw new NotAppliedException(
                        name + " does not start: " + e.getMessage(), "check the command " + command, e);
            }
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path output() {
        return output;
    }

    /** Empty while it runs. A process ended by signal n has 128 + n. */
    public Optional<Integer> exitCode() {
        return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
    }

    /** Waits for {@code condition}; fails at once when the process ends before it holds. */
    public void await(String what, Duration timeout, Callable<Boolean> condition) {
        Await.until(
                what,
                timeout,
                () -> {
                    boolean alive = isAlive();
                    if (condition.call()) {
                        return true;
                    }
                    if (!alive) {
                        throw new Await.GiveUpException(name + " (pid " + pid() + ") ended with status "
                                + process.exitValue() + " before: " + what);
                    }
                    return false;
                },
                () -> tail(40));
    }

    /** Waits until the output has a line that contains {@code text}. */
    public void awaitOutput(String text, Duration timeout) {
        await("output '" + text + "' of " + name, timeout, () -> outputText().contains(text));
    }

    /** @return its exit code */
    public int awaitExit(Duration timeout) {
        Await.until("the end of " + name, timeout, () -> !isAlive(), () -> tail(40));
        return process.exitValue();
    }

    public String outputText() {
        try {
            return Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last lines of the output, at most 64 KiB. */
    public String tail(int lines) {
        return tail(output, lines);
    }

    static String tail(Path file, int lines) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - 65_536);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.seek(from);
            in.readFully(bytes);
            List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return all.subList(Math.max(0, all.size() - lines), all.size()).stream()
                    .collect(Collectors.joining("\n", "--- end of " + file + "\n", "\n---"));
        } catch (IOException e) {
            return "(no output: " + e.getMessage() + ")";
        }
    }

    /** SIGKILL, and waits until it is gone. Nothing happens when it has ended. */
    public void kill() {
        dismissWatchdog();
        process.destroyForcibly();
        waitBriefly();
    }

    /** SIGTERM, and waits until it is gone. */
    public void terminate(Duration timeout) {
        dismissWatchdog();
        process.destroy();
        awaitExit(timeout);
    }

    private void dismissWatchdog() {
        try {
            OutputStream stdin = process.getOutputStream();
            stdin.write('\n');
            stdin.flush();
        } catch (IOException e) {
            // The process and its watchdog have ended already.
            return;
        }
    }

    /** SIGSTOP: it keeps its sockets and answers nothing. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    /** CPU time used so far, user and system; empty after its end. */
    public Optional<Duration> cpuTime() {
        return process.info().totalCpuDuration();
    }

    /** Resident memory now; 0 after its end. */
    public long residentBytes() {
        return statusBytes("VmRSS:");
    }

    /** The most resident memory it ever had; 0 after its end. */
    public long peakResidentBytes() {
        return statusBytes("VmHWM:");
    }

    private long statusBytes(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
                if (line.startsWith(key)) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (kill.waitFor() != 0) {
                throw new NotAppliedException(
                        "signal " + signal + " did not reach " + name + " (pid " + pid() + ")", "is it still running?");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotAppliedException("interrupted while signalling " + name, "run it again", e);
        }
    }

    private void waitBriefly() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new NotAppliedException(
                        name + " (pid " + pid() + ") is still there 30 s after SIGKILL", "look for a hanging disk");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + " (pid " + pid() + ")";
    }
}
