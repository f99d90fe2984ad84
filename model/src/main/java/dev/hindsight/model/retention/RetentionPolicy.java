package dev.hindsight.model.retention;

/**
 * What is kept of one table.
 *
 * @param min so many of the newest restorable points stay however old they are
 */
public record RetentionPolicy(Keep keep, int min) {
    public RetentionPolicy {
        if (min < 0) {
            throw new IllegalArgumentException("the minimum of restore points is negative: " + min);
        }
    }
}
