package dev.hindsight.testkit.data;

import java.time.Instant;
import java.util.Random;

/**
 * Write times and TTLs that meet each other.
 *
 * @param base the centre of the explicit write times
 * @param serverTimes leaves every write time to the coordinator
 * @param longTtls allows expiry after 2038, which needs {@code storage_compatibility_mode: NONE}
 */
record WriteTimes(Instant base, boolean serverTimes, boolean longTtls) {
    static final long SERVER = Long.MIN_VALUE;
    static final int NO_TTL = -1;
    private static final int TWENTY_YEARS = 630_720_000;

    /** Microseconds, or {@link #SERVER}. */
    long micros(Random random) {
        if (serverTimes) {
            return SERVER;
        }
        long micros = base.getEpochSecond() * 1_000_000L + base.getNano() / 1000;
        int choice = random.nextInt(20);
        if (choice < 12) {
            return micros + random.nextInt(5000);
        }
        if (choice < 16) {
            return micros + 2000 + random.nextInt(3);
        }
        return switch (choice) {
            case 16 -> 1 + random.nextInt(1000);
            case 17 -> micros / 1000 + random.nextInt(5);
            default -> SERVER;
        };
    }

    /** Seconds, 0 for an explicit "never", or {@link #NO_TTL}. */
    int ttl(Random random) {
        return switch (random.nextInt(24)) {
            case 0 -> 1 + random.nextInt(2);
            case 1, 2 -> 1800 + random.nextInt(1800);
            case 3 -> 86_400 * (1 + random.nextInt(60));
            case 4 -> 31_536_000 * (1 + random.nextInt(8));
            case 5 -> longTtls ? TWENTY_YEARS - random.nextInt(1000) : 86_400;
            case 6 -> 0;
            default -> NO_TTL;
        };
    }
}
