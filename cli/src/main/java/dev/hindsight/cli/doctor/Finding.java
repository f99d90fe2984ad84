package dev.hindsight.cli.doctor;

import dev.hindsight.model.failure.HindsightException;

/**
 * What one check saw.
 *
 * @param subject what was looked at: a path, an address, a host id
 * @param next what to do; empty when all is well
 */
public record Finding(String check, String subject, Level level, String detail, String next) {
    public enum Level {
        OK,
        /** Works, but not all of it or not well. */
        WARN,
        FAIL
    }

    static Finding ok(String check, String subject, String detail) {
        return new Finding(check, subject, Level.OK, detail, "");
    }

    static Finding warn(String check, String subject, String detail, String next) {
        return new Finding(check, subject, Level.WARN, detail, next);
    }

    static Finding fail(String check, String subject, String detail, String next) {
        return new Finding(check, subject, Level.FAIL, detail, next);
    }

    static Finding fail(String check, String subject, HindsightException failure) {
        return fail(check, subject, String.valueOf(failure.getMessage()), failure.hint());
    }
}
