package dev.hindsight.model.failpoint;

import dev.hindsight.model.failure.NotAppliedException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Arms {@link Failpoint}s: from the environment variable {@code HINDSIGHT_FAILPOINTS} at start (so that a real child
 * process can be killed at a named step), or from a test in the same process.
 *
 * <p>Form: {@code name=crash}, {@code name=error} or {@code name=crash@3} (the third time it is reached), several
 * separated by commas. {@code crash} ends the process as kill -9 would, with status 137 and no clean-up. Safe for use by
 * several threads; when nothing is armed a hit costs one volatile read.
 */
public final class Failpoints {
    private enum Action {
        CRASH,
        ERROR
    }

    private static final class Armed {
        private final Action action;
        private int left;

        Armed(Action action, int left) {
            this.action = action;
            this.left = left;
        }
    }

    private static final Map<Failpoint, Armed> ARMED = new EnumMap<>(Failpoint.class);
    private static final Set<Failpoint> REACHED = EnumSet.noneOf(Failpoint.class);
    private static boolean recording;
    private static volatile boolean anyArmed;

    static {
        arm(System.getenv("HINDSIGHT_FAILPOINTS"));
    }

    private Failpoints() {}

    /** Reached {@code point}: nothing happens unless it is armed. */
    public static void hit(Failpoint point) {
        if (anyArmed) {
            fire(point);
        }
    }

    /** Adds to what is armed; see the class comment for the form. */
    public static synchronized void arm(@Nullable String spec) {
        if (spec == null || spec.isBlank()) {
            return;
        }
        for (String one : spec.split(",", -1)) {
            String[] sides = one.trim().split("=", 2);
            String[] action = (sides.length == 2 ? sides[1] : "").split("@", 2);
            Failpoint point = find(sides[0]);
            int count = action.length == 2 ? Integer.parseInt(action[1]) : 1;
            ARMED.put(point, new Armed(Action.valueOf(action[0].toUpperCase(Locale.ROOT)), count));
        }
        anyArmed = true;
    }

    /** From now on {@link #reached} tells which points are reached; ends with {@link #disarmAll}. */
    public static synchronized void record() {
        recording = true;
        anyArmed = true;
    }

    /** Since {@link #record}. */
    public static synchronized Set<Failpoint> reached() {
        return Set.copyOf(REACHED);
    }

    public static synchronized void disarmAll() {
        ARMED.clear();
        REACHED.clear();
        recording = false;
        anyArmed = false;
    }

    private static Failpoint find(String name) {
        for (Failpoint point : Failpoint.values()) {
            if (point.text().equals(name)) {
                return point;
            }
        }
        throw new IllegalArgumentException("no failpoint is named '" + name + "'");
    }

    private static synchronized void fire(Failpoint point) {
        if (recording) {
            REACHED.add(point);
        }
        Armed armed = ARMED.get(point);
        if (armed == null || --armed.left != 0) {
            return;
        }
        if (armed.action == Action.CRASH) {
            Runtime.getRuntime().halt(137);
        }
        throw new NotAppliedException("failpoint " + point.text() + " fired", "disarm HINDSIGHT_FAILPOINTS");
    }
}
