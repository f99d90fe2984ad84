package dev.hindsight.repository.store.s3;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.hindsight.model.failure.HindsightException;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The one layer that tries again: with growing pauses, and knowing for each call whether an attempt that was given up
 * may have been carried out. Safe for several threads.
 */
final class S3Calls implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5000;
    private static final double JITTER = 0.3;

    /** What was seen does not hold any more: the attempt is worth another try. */
    static final class Again extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Again(String message) {
            super(message);
        }
    }

    /** One attempt of a call that changes something. */
    interface Change<T> {
        /** @param number from 1 on; above 1, an earlier attempt may have got through */
        T attempt(int number);
    }

    private final S3Client client;
    private final S3Settings settings;
    private final RetryPolicy<Object> policy;

    S3Calls(S3Client client, S3Settings settings) {
        this.client = client;
        this.settings = settings;
        this.policy = RetryPolicy.builder()
                .handleIf(S3Failures::mayPass)
                .withMaxAttempts(settings.attempts())
                .withBackoff(FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS, ChronoUnit.MILLIS)
                .withJitter(JITTER)
                .build();
    }

    S3Client client() {
        return client;
    }

    S3Settings settings() {
        return settings;
    }

    /** A call that may be made any number of times. Throws what the SDK throws. */
    <T> T repeatable(String what, Supplier<T> attempt) {
        try {
            return Failsafe.with(policy).get(attempt::get);
        } catch (FailsafeException e) {
            throw interrupted(what, e);
        } catch (AbortedException e) {
            throw interrupted(what, e);
        }
    }

    /** As {@link #repeatable}, with the SDK's failures told as outcomes. */
    <T> T read(String what, Supplier<T> attempt) {
        try {
            return repeatable(what, attempt);
        } catch (SdkException e) {
            throw S3Failures.of(what, settings, e);
        }
    }

    /**
     * A call that creates something.
     *
     * @throws dev.hindsight.model.failure.OutcomeUnknownException all attempts failed, and one may have got through
     */
    <T> T create(String what, Change<T> change) {
        boolean[] open = new boolean[1];
        try {
            return Failsafe.with(policy).get(context -> {
                try {
                    return change.attempt(context.getAttemptCount() + 1);
                } catch (SdkException e) {
                    open[0] |= S3Failures.mayHaveHappened(e);
                    throw e;
                }
            });
        } catch (SdkException e) {
            if (e instanceof AbortedException) {
                Thread.currentThread().interrupt();
            }
            throw open[0] ? S3Failures.unknown(what, settings, e) : S3Failures.of(what, settings, e);
        } catch (FailsafeException e) {
            HindsightException failure = interrupted(what, e);
            throw open[0] ? S3Failures.unknown(what, settings, e) : failure;
        }
    }

    private HindsightException interrupted(String what, Exception e) {
        Thread.currentThread().interrupt();
        return S3Failures.interrupted(what, settings, e);
    }

    @Override
    public void close() {
        client.close();
    }
}
