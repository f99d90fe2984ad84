package dev.hindsight.repository.store;

import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where objects are kept. Objects are immutable: there is no overwrite, no rename, no append.
 *
 * <p>Keys are ASCII, {@code /}-separated, 1 to 900 characters, each part of {@code [A-Za-z0-9._=-]} and not {@code .} or
 * {@code ..}; others are refused with {@link dev.hindsight.model.failure.UsageException}. The first part is not {@code
 * tmp}, a part has at most 255 characters, and no key is the beginning of another one's path ({@code a} and {@code
 * a/b}). Safe for use by several threads and processes.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.StoreUnreachableException} (retryable), {@link
 * dev.hindsight.model.failure.NotFoundException}, {@link dev.hindsight.model.failure.CapacityException} (store full),
 * {@link dev.hindsight.model.failure.OutcomeUnknownException} (a put whose end nobody saw).
 */
public interface ObjectStore {
    enum PutOutcome {
        /** The object is there, whole and durable, and this call made it. */
        CREATED,
        /** An object of that key was there before; its content was not looked at. */
        EXISTS
    }

    /** For messages. */
    String location();

    /**
     * Creates an object if there is none of that key: all of it or nothing, durable when this returns. Of several
     * concurrent puts of one key exactly one creates. The body may be opened more than once. A body that gives another
     * number of bytes than it announced, or fails, creates nothing ({@link
     * dev.hindsight.model.failure.NotAppliedException}); its own {@code HindsightException} passes through.
     */
    PutOutcome putIfAbsent(String key, Body body);

    /** The whole object. Closing early is fine. */
    InputStream get(String key);

    /**
     * Exactly {@code length} bytes from {@code position} on.
     *
     * @throws dev.hindsight.model.failure.CorruptException the object ends before that
     */
    void read(String key, long position, byte[] into, int offset, int length);

    /** Empty when there is no such object. */
    OptionalLong size(String key);

    /**
     * Keys with this prefix, in no promised order. A hint only: may lack what was just put or still have what was just
     * deleted; correctness must not depend on it.
     */
    List<String> list(String prefix);

    /** Deleting what is not there is no error. */
    void delete(String key);

    /**
     * Tries what only this kind of store can do wrong; {@code init} calls it before the first object is kept.
     *
     * @throws dev.hindsight.model.failure.UnsupportedException saying what the store did wrong
     */
    default void examine() {}
}
