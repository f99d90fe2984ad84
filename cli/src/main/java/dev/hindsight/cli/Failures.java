package dev.hindsight.cli;

import dev.hindsight.cli.output.Terminal;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The one place that turns an exception into an exit code, a message and a hint. */
final class Failures {
    /** What a shell reports for a process ended by SIGINT. */
    static final int INTERRUPTED = 130;

    private Failures() {}

    static int report(Throwable error, Terminal terminal, boolean json, boolean debug, Interrupts interrupts) {
        Throwable cause = unwrap(error);
        if (debug) {
            cause.printStackTrace(terminal.err());
        }
        if (interrupts.ending() || isInterrupt(cause)) {
            terminal.printError(
                    cause,
                    "interrupted; what had been begun was cleaned up",
                    "run the same command again",
                    INTERRUPTED,
                    json);
            return INTERRUPTED;
        }
        int exitCode = exitCode(cause).code();
        terminal.printError(cause, message(cause), hint(cause), exitCode, json);
        return exitCode;
    }

    static ExitCode exitCode(Throwable error) {
        return error instanceof HindsightException known ? known.exitCode() : ExitCode.ERROR;
    }

    private static String message(Throwable error) {
        if (error instanceof HindsightException known) {
            return String.valueOf(known.getMessage());
        }
        if (error instanceof FileSystemException file) {
            String reason = file.getReason();
            return file.getFile() + ": " + (reason == null ? file.getClass().getSimpleName() : reason);
        }
        String message = error.getMessage();
        String name = error.getClass().getSimpleName();
        return "unexpected " + name + (message == null ? "" : ": " + message);
    }

    private static String hint(Throwable error) {
        if (error instanceof HindsightException known) {
            return known.hint();
        }
        if (error instanceof IOException) {
            return "check the path, its permissions and free space";
        }
        if (error instanceof OutOfMemoryError) {
            return "raise the heap with HINDSIGHT_JAVA_OPTS=-Xmx1g and report this";
        }
        return "run again with --debug for the stack trace and report it";
    }

    /** Wrappers that threads put around what really happened say nothing to the user. */
    private static Throwable unwrap(Throwable error) {
        Throwable inner = error;
        while ((inner instanceof CompletionException
                        || inner instanceof ExecutionException
                        || inner instanceof UncheckedIOException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static boolean isInterrupt(Throwable error) {
        if (Thread.currentThread().isInterrupted() && !(error instanceof HindsightException)) {
            return true;
        }
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof InterruptedException
                    || at instanceof CancellationException
                    || at instanceof java.nio.channels.ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }
}
