package dev.hindsight.server.api;

import dev.hindsight.model.failure.NotFoundException;
import java.util.function.Supplier;

/**
 * The table or job that a call names is not there: status 404. That something else is missing, in the store or the cluster, is
 * no answer to what was asked.
 */
final class AbsentThingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient NotFoundException what;

    private AbsentThingException(NotFoundException what) {
        super(what);
        this.what = what;
    }

    NotFoundException what() {
        return what;
    }

    /** What is named, looked up by this and nothing else. */
    static <T> T lookUp(Supplier<T> named) {
        try {
            return named.get();
        } catch (NotFoundException e) {
            throw new AbsentThingException(e);
        }
    }
}
