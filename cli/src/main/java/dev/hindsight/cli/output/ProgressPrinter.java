package dev.hindsight.cli.output;

import dev.hindsight.operations.ProgressListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Progress on stderr: on a terminal one line that rewrites itself, otherwise a plain line every few seconds. A phase that
 * ends quickly prints nothing in between, but every phase leaves one line when it is over.
 *
 * <pre>
 * shards  42%  1.20 GiB of 2.86 GiB  34.1 MiB/s  ETA 50.0s
 * </pre>
 *
 * Thread-safe. The rate is the one since the phase began: steady enough to plan with.
 */
public final class ProgressPrinter implements ProgressListener, AutoCloseable {
    private static final long PLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long TERMINAL_EVERY_MILLIS = 250;
    /** Before this there is no rate worth an ETA. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PrintStream err;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService ticker;

    private String phase = "";
    private long total;
    private long done;
    private long began;
    private long lastPlain;
    private int drawnWidth;

    /** Ticks by itself until closed. */
    public static ProgressPrinter start(PrintStream err, boolean terminal) {
        ProgressPrinter printer = new ProgressPrinter(err, terminal, System::nanoTime);
        var unused = printer.ticker.scheduleWithFixedDelay(
                printer::tick, TERMINAL_EVERY_MILLIS, TERMINAL_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return printer;
    }

    ProgressPrinter(PrintStream err, boolean terminal, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.ticker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public synchronized void phase(String name, long totalBytes) {
        endPhase();
        phase = name;
        total = totalBytes;
        done = 0;
        began = nanoTime.getAsLong();
        lastPlain = began;
    }

    @Override
    public synchronized void advance(long moreBytes) {
        done += moreBytes;
    }

    @Override
    public synchronized void note(String text) {
        wipe();
        err.println("note: " + Text.plain(text));
        err.flush();
    }

    synchronized void tick() {
        if (phase.isEmpty()) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (terminal) {
            String line = line(now);
            err.print("\r" + line + " ".repeat(Math.max(0, drawnWidth - line.length())));
            err.flush();
            drawnWidth = line.length();
        } else if (now - lastPlain >= PLAIN_EVERY_NANOS) {
            lastPlain = now;
            err.println(line(now));
            err.flush();
        }
    }

    /** Ends the phase, if any, and stops ticking. */
    @Override
    public synchronized void close() {
        endPhase();
        ticker.shutdownNow();
    }

    private void endPhase() {
        if (phase.isEmpty()) {
            return;
        }
        wipe();
        long nanos = Math.max(1, nanoTime.getAsLong() - began);
        String took = Text.duration(Duration.ofNanos(nanos));
        err.println(phase + ": " + (done == 0 ? took : Text.bytes(done) + " in " + took + rate(nanos)));
        err.flush();
        phase = "";
    }

    private String line(long now) {
        long nanos = Math.max(1, now - began);
        StringBuilder out = new StringBuilder(phase);
        if (total > 0) {
            out.append(String.format(Locale.ROOT, "  %3d%%", Math.min(100, done * 100 / total)));
        }
        if (done > 0 || total > 0) {
            out.append("  ").append(Text.bytes(done));
        }
        if (total > 0) {
            out.append(" of ").append(Text.bytes(total));
        }
        if (done > 0) {
            out.append("  ").append(Text.bytes(perSecond(nanos))).append("/s");
        }
        if (total > done && done > 0 && nanos >= SETTLED_NANOS) {
            double left = (double) (total - done) * nanos / done;
            out.append("  ETA ").append(Text.duration(Duration.ofNanos((long) left)));
        } else {
            out.append("  ").append(Text.duration(Duration.ofNanos(nanos)));
        }
        return out.toString();
    }

    private String rate(long nanos) {
        return ", " + Text.bytes(perSecond(nanos)) + "/s";
    }

    private long perSecond(long nanos) {
        return Math.round(done / (nanos / 1e9));
    }

    private void wipe() {
        if (drawnWidth > 0) {
            err.print("\r" + " ".repeat(drawnWidth) + "\r");
            drawnWidth = 0;
        }
    }
}
